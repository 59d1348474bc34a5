"""Charts with two axes: training curves, reliability, predicted against true, residuals.

Each function returns one inline SVG with an accessible title, drawn for a width of 380 units, which
is legible on a phone and is set side by side on a desk.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup

from lamina.reports.content import Calibration, CurvePanel, NumberFit, ReliabilityBin
from lamina.reports.curves import thin
from lamina.reports.svg import Frame, can_draw, extent, figure, label, tag, text_width_px, tip
from lamina.reports.text import fit_label, format_number, format_share

WIDTH = 380.0
"""Width of a chart in its own units."""
MOST_POINTS = 500
"""Points of a scatter plot; more are thinned evenly."""
FEW_ANSWERS = 10
"""Bins with fewer answers are drawn faint and are not joined: they are chance."""
MOST_CURVES = 6
"""Curves of one panel that colours tell apart."""

_LOG_FROM = 60.0


def curve_chart(panel: CurvePanel) -> Markup:
    """Return the curves of one panel; the vertical axis is logarithmic where they span much.

    Args:
        panel: The curves.
    """
    curves = panel.curves[:MOST_CURVES]
    values = [value for curve in curves for value in curve.values if can_draw(value)]
    xs = [step for curve in curves for step in curve.steps if can_draw(step)]
    is_log = bool(values) and min(values) > 0 and max(values) / min(values) > _LOG_FROM
    is_named = len(curves) > 1
    marks, top = legend([(c.name, f"c{n}") for n, c in enumerate(curves)] if is_named else [])
    has_mark = panel.mark is not None
    top += 14 if has_mark else 0
    x_range = extent(xs, margin=0.0)
    y_range = extent([math.log10(v) for v in values] if is_log else values)
    frame = Frame(x_range, y_range, top=top + 8, bottom=top + 188, is_log=is_log)
    marks += frame.axes(x_label=panel.x_label)
    if panel.mark is not None and x_range[0] <= panel.mark <= x_range[1]:
        marks.append(_kept_line(frame, panel.mark))
    for n, curve in enumerate(curves):
        steps, heights = thin(curve.steps, curve.values, 300)
        if is_log:
            heights = [math.log10(h) if can_draw(h) else math.nan for h in heights]
        marks.append(frame.path(steps, heights, f"c{n}"))
        if sum(math.isfinite(h) for h in heights) <= 24:
            marks += _dots(frame, steps, heights, f"c{n}")
    return figure(WIDTH, frame.bottom + 42, _sentence(panel), marks)


def _sentence(panel: CurvePanel) -> str:
    parts = []
    for curve in panel.curves[:MOST_CURVES]:
        finite = [v for v in curve.values if math.isfinite(v)]
        if finite:
            parts.append(
                f"{curve.name} from {format_number(finite[0])} to {format_number(finite[-1])}"
            )
    return f"{panel.title} by {panel.x_label}: " + "; ".join(parts)


def _kept_line(frame: Frame, step: float) -> Markup:
    x = frame.at_x(step)
    text = label(min(x, frame.right - 8), frame.top - 5, "kept", kind="note", anchor="middle")
    line = tag("line", x1=x, x2=x, y1=frame.top, y2=frame.bottom, class_="mark")
    return tag("g", tip(f"The weights of {format_number(step)} were kept") + line + text)


def _dots(frame: Frame, xs: Sequence[float], ys: Sequence[float], kind: str) -> list[Markup]:
    return [
        tag(
            "circle",
            tip(f"{format_number(x)}: {format_number(frame.shown_y(y))}"),
            cx=frame.at_x(x),
            cy=frame.at_y(y),
            r=2.6,
            class_=f"dot {kind}",
        )
        for x, y in zip(xs, ys)
        if can_draw(x) and can_draw(y)
    ]


def reliability_chart(calibration: Calibration) -> Markup:
    """Return accuracy over confidence, before and after the temperature, and how many each bin has.

    Args:
        calibration: The bins.
    """
    names = [("as delivered", "c0")]
    if calibration.before:
        names.append(("before", "c3"))
    names.append(("perfect", "ideal"))
    marks, top = legend(names)
    frame = Frame((0.0, 1.0), (0.0, 1.0), top=top + 16, bottom=top + 238)
    marks += frame.axes(x_label="stated confidence", x_unit="%", y_unit="%")
    marks.append(frame.path([0, 1], [0, 1], "ideal"))
    most = max((one.count for one in calibration.after), default=0) or 1
    for one in calibration.after:
        if one.count and math.isfinite(one.confidence):
            height = 44 * one.count / most
            x = frame.at_x(one.confidence)
            marks.append(
                tag(
                    "rect", x=x - 6, y=frame.bottom - height, width=12, height=height, class_="soft"
                )
            )
    marks += _reliability_points(frame, calibration.before, "c3")
    marks += _reliability_points(frame, calibration.after, "c0")
    title = "Reliability: share of right answers over stated confidence; grey bars count answers"
    return figure(WIDTH, frame.bottom + 42, title, marks)


def _reliability_points(frame: Frame, bins: Sequence[ReliabilityBin], kind: str) -> list[Markup]:
    """Return dots, joined where they stand on enough answers to mean something."""
    used = [one for one in bins if one.count]
    firm = [one for one in used if one.count >= FEW_ANSWERS]
    marks = [frame.path([one.confidence for one in firm], [one.accuracy for one in firm], kind)]
    for one in used:
        words = (
            f"{one.count:,} answers with mean confidence {format_share(one.confidence)}: "
            f"{format_share(one.accuracy)} right"
        )
        is_firm = one.count >= FEW_ANSWERS
        marks.append(
            tag(
                "circle",
                tip(words),
                cx=frame.at_x(one.confidence),
                cy=frame.at_y(one.accuracy),
                r=3.4 if is_firm else 2.4,
                class_=f"dot {kind}" if is_firm else f"dot {kind} faint",
            )
        )
    return marks


def fit_chart(fit: NumberFit) -> Markup:
    """Return predicted against true numbers.

    Args:
        fit: The numbers.
    """
    pairs = _finite_pairs(fit)
    both = extent([number for pair in pairs for number in pair], margin=0.04)
    frame = Frame(both, both, top=24, bottom=286, left=54)
    unit = f" ({fit.unit})" if fit.unit else ""
    marks = frame.axes(x_label=f"true {fit.target}{unit}", y_label=f"predicted{unit}")
    marks.append(frame.path(both, both, "ideal"))
    stride = max(1, math.ceil(len(pairs) / MOST_POINTS))
    for true, predicted in pairs[::stride]:
        x, y = frame.at_x(true), frame.at_y(predicted)
        marks.append(tag("circle", cx=x, cy=y, r=2.3, class_="point c0"))
    title = f"Predicted against true {fit.target} of {len(pairs):,} test rows"
    if stride > 1:
        title += f" (every {stride}th is drawn)"
    return figure(WIDTH, frame.bottom + 42, title, marks)


def residual_chart(fit: NumberFit) -> Markup:
    """Return a histogram of predicted minus true numbers.

    Args:
        fit: The numbers.
    """
    residuals = sorted(predicted - true for true, predicted in _finite_pairs(fit))
    unit = f" ({fit.unit})" if fit.unit else ""
    if not residuals:
        residuals = [0.0]
    # One error far out would squeeze all the others into one bar: it is counted in the last bar.
    cut = len(residuals) // 200
    size = max(abs(residuals[cut]), abs(residuals[-1 - cut]), 1e-9)
    num_bars = 31
    counts = [0] * num_bars
    for residual in residuals:
        place = math.floor((residual + size) / (2 * size) * num_bars)
        counts[min(num_bars - 1, max(0, place))] += 1
    frame = Frame((-size, size), (0.0, max(counts) * 1.06), top=24, bottom=286)
    marks = frame.axes(x_label=f"predicted − true{unit}", y_label="test rows")
    width = (frame.right - frame.left) / num_bars
    for n, count in enumerate(counts):
        y = frame.at_y(count)
        low = -size + 2 * size * n / num_bars
        high = low + 2 * size / num_bars
        words = f"{count:,} rows from {format_number(low, 3)} to {format_number(high, 3)}"
        marks.append(
            tag(
                "rect",
                tip(words),
                x=frame.left + n * width + 0.5,
                y=y,
                width=width - 1,
                height=frame.bottom - y,
                class_="bar c0",
            )
        )
    zero = frame.at_x(0.0)
    marks.append(tag("line", x1=zero, x2=zero, y1=frame.top, y2=frame.bottom, class_="mark"))
    title = f"Errors of {len(residuals):,} test rows; the outermost bars hold all beyond"
    return figure(WIDTH, frame.bottom + 42, title, marks)


def legend(names: Sequence[tuple[str, str]]) -> tuple[list[Markup], float]:
    """Return a legend for the top of a chart, and its height.

    Args:
        names: Name and CSS class of each line.
    """
    marks: list[Markup] = []
    x, y = 8.0, 14.0 if names else 0.0
    for name, kind in names:
        shown = fit_label(name, 20)
        width = 26 + text_width_px(shown) + 14
        if x > 8 and x + width > WIDTH:
            x, y = 8.0, y + 18
        marks.append(tag("line", x1=x, x2=x + 18, y1=y - 4, y2=y - 4, class_=f"line {kind}"))
        marks.append(label(x + 24, y, shown, kind="name"))
        x += width
    return marks, y


def _finite_pairs(fit: NumberFit) -> list[tuple[float, float]]:
    return [
        (true, predicted)
        for true, predicted in zip(fit.truth, fit.prediction)
        if can_draw(true) and can_draw(predicted)
    ]
