"""The small set of SVG that charts are made of: marks, axes, ticks, scales.

Numbers enter as rounded decimals and texts are escaped, so nothing from the data can become markup.
Colours are CSS classes (`c0` … `c5`, `ink`, `grid`), so a chart follows the page's light and dark
scheme; there are no `style` attributes, so the page's policy can forbid them.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from lamina.reports.text import clean_text, fit_label, format_number, text_width


def can_draw(value: float) -> bool:
    """Return whether a number has a place on an axis: finite, and differences of such are finite.

    Args:
        value: The number.
    """
    return math.isfinite(value) and abs(value) < 1e100


def num(value: float) -> str:
    """Return a coordinate as a short decimal.

    Args:
        value: A finite number; others become 0, since an attribute must hold a number.
    """
    if not math.isfinite(value):
        return "0"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def tag(name: str, content: str = "", /, **attributes: str | float) -> Markup:
    """Return one element; attribute values are escaped, content must be safe already.

    Args:
        name: Element name.
        content: Markup inside, or a plain text that is escaped.
        **attributes: By name; `_` becomes `-`, a trailing `_` is dropped; numbers are rounded.
    """
    parts = [name]
    for key, value in attributes.items():
        text = value if isinstance(value, str) else num(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(text)}"')
    return Markup(f"<{' '.join(parts)}>{escape(content)}</{name}>")


def join(marks: Iterable[str]) -> Markup:
    """Return marks one after the other.

    Args:
        marks: Safe markup, or plain texts, which are escaped.
    """
    return Markup("").join(marks)


def label(
    x: float, y: float, text: str, *, kind: str = "tick", anchor: str = "start", em: float = 0
) -> Markup:
    """Return a text.

    Args:
        x: Where it is anchored.
        y: Its baseline.
        text: Plain text.
        kind: CSS class.
        anchor: "start", "middle" or "end".
        em: Greatest width in ems; 0 cuts nothing.
    """
    shown = fit_label(text, em) if em else clean_text(text)
    return tag("text", shown, x=x, y=y, class_=kind, text_anchor=anchor)


def text_width_px(text: str) -> float:
    """Return the width of a label in a chart's units.

    Args:
        text: The label.
    """
    return 12 * text_width(text)


def tip(text: str) -> Markup:
    """Return what a mark says when pointed at.

    Args:
        text: Plain text.
    """
    return tag("title", clean_text(text, 300))


def figure(width: float, height: float, title: str, marks: Iterable[str]) -> Markup:
    """Return a whole picture with an accessible title.

    Args:
        width: Width of its own coordinates.
        height: Height of its own coordinates.
        title: What it shows, in one sentence.
        marks: What it is made of.
    """
    return tag(
        "svg",
        join([tip(title), *marks]),
        viewBox=f"0 0 {num(width)} {num(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=clean_text(title, 300),
        class_="chart",
    )


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return round numbers from `low` to `high`, about `count` of them.

    Args:
        low: Lower end.
        high: Upper end, above it.
        count: How many are wanted.

    Source:
        Heckbert (1990), "Nice numbers for graph labels", Graphics Gems.
        Differs: also steps of 2.5.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else [0.0]
    raw = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(n * step, 12) + 0.0 for n in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return the decimal logarithms of round numbers between two logarithms.

    Args:
        low: Lower end, a decimal logarithm.
        high: Upper end.
    """
    powers = range(math.floor(low), math.ceil(high) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [power + math.log10(f) for power in powers for f in factors]
        found = [value for value in found if low <= value <= high]
        if len(found) <= 6:
            return found
    return found[:: math.ceil(len(found) / 6)]


def extent(values: Iterable[float], *, margin: float = 0.06) -> tuple[float, float]:
    """Return the range of the finite values with some air around it.

    Args:
        values: Numbers.
        margin: Air at each end, as a share of the range.
    """
    finite = [value for value in values if can_draw(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1.0):
        air = abs(low) * 0.1 if abs(low) > 1e-9 else 0.5
        return low - air, high + air
    air = margin * (high - low)
    return low - air, high + air


def format_ticks(values: Sequence[float], *, unit: str = "") -> list[str]:
    """Return tick labels that all have the same number of decimals.

    Args:
        values: The ticks.
        unit: Put behind; "%" multiplies by 100.
    """
    scale = 100.0 if unit == "%" else 1.0
    shown = [scale * value for value in values]
    largest = max((abs(value) for value in shown), default=0.0)
    suffix = " %" if unit == "%" else ""
    if largest >= 1e6:
        return [_with_prefix(value) + suffix for value in shown]
    gaps = [b - a for a, b in itertools.pairwise(shown) if b > a]
    if 0 < largest < 1e-3:
        return [f"{value:.2g}" + suffix for value in shown]
    step = min(gaps, default=largest or 1.0)
    decimals = 0
    while decimals < 6 and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1
    return [f"{value:,.{decimals}f}" + suffix for value in shown]


def _with_prefix(value: float) -> str:
    for size, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{format_number(value / size, 3)} {prefix}"
    return format_number(value, 3)


@dataclass(frozen=True, slots=True)
class Frame:
    """A plotting area with linear axes."""

    x: tuple[float, float]
    """Range of the horizontal axis."""
    y: tuple[float, float]
    """Range of the vertical axis."""
    left: float = 46
    """Left edge of the area."""
    top: float = 12
    """Upper edge."""
    right: float = 372
    """Right edge."""
    bottom: float = 206
    """Lower edge."""
    is_log: bool = False
    """The vertical axis is logarithmic; `y` and all heights are decimal logarithms."""

    def at_x(self, value: float) -> float:
        """Return the horizontal coordinate of a value.

        Args:
            value: The value.
        """
        return self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left)

    def at_y(self, value: float) -> float:
        """Return the vertical coordinate of a value.

        Args:
            value: The value.
        """
        span = self.bottom - self.top
        return self.bottom - (value - self.y[0]) / (self.y[1] - self.y[0]) * span

    def shown_y(self, value: float) -> float:
        """Return the number a reader is told for a height.

        Args:
            value: The height on the axis.
        """
        return 10.0**value if self.is_log else value

    def axes(
        self, *, x_label: str = "", y_label: str = "", x_unit: str = "", y_unit: str = ""
    ) -> list[Markup]:
        """Return grid lines, tick labels and axis names.

        Args:
            x_label: Name of the horizontal axis.
            y_label: Name of the vertical axis, written above it.
            x_unit: "%" shows shares as percentages.
            y_unit: "%" shows shares as percentages.
        """
        marks: list[Markup] = []
        y_ticks = log_ticks(*self.y) if self.is_log else ticks(*self.y, 4)
        y_texts = (
            [format_number(10.0**value, 2) for value in y_ticks]
            if self.is_log
            else format_ticks(y_ticks, unit=y_unit)
        )
        for value, text in zip(y_ticks, y_texts):
            y = self.at_y(value)
            marks.append(tag("line", x1=self.left, x2=self.right, y1=y, y2=y, class_="grid"))
            marks.append(label(self.left - 6, y + 4, text, anchor="end"))
        x_ticks = ticks(*self.x, 4)
        marks.append(
            tag(
                "line",
                x1=self.left,
                x2=self.right,
                y1=self.bottom,
                y2=self.bottom,
                class_="axis",
            )
        )
        for value, text in zip(x_ticks, format_ticks(x_ticks, unit=x_unit)):
            x = self.at_x(value)
            anchor = "end" if x > self.right - 12 and len(text) > 3 else "middle"
            marks.append(tag("line", x1=x, x2=x, y1=self.bottom, y2=self.bottom + 4, class_="axis"))
            marks.append(label(min(x, self.right + 6), self.bottom + 17, text, anchor=anchor))
        if x_label:
            middle = (self.left + self.right) / 2
            marks.append(
                label(middle, self.bottom + 34, x_label, kind="name", anchor="middle", em=26)
            )
        if y_label:
            marks.append(label(self.left - 40, self.top - 10, y_label, kind="name", em=26))
        return marks

    def path(self, xs: Sequence[float], ys: Sequence[float], kind: str) -> Markup:
        """Return a line through the points, broken where a value is not finite.

        Args:
            xs: Horizontal values.
            ys: As many vertical values.
            kind: CSS class.
        """
        commands, is_down = [], False
        for x, y in zip(xs, ys):
            if not (can_draw(x) and can_draw(y)):
                is_down = False
                continue
            commands.append(f"{'L' if is_down else 'M'}{num(self.at_x(x))} {num(self.at_y(y))}")
            is_down = True
        return tag("path", d=" ".join(commands), class_=f"line {kind}")
