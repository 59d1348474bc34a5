"""The explanation of one row for the command line, by rich: bars, coloured words, a map of patches.

What speaks for the answer is green and stands right of the axis, what speaks against it is red and
stands left of it, so the sign can be read without colours too.
"""

from typing import TYPE_CHECKING, Any

from lamina.explanation.records import (
    CheckRecord,
    InputAttribution,
    NeighbourRecord,
    RowExplanation,
    WrittenAttribution,
)
from lamina.reports.text import clean_text, format_number, format_share, shorten

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

MOST_FEATURES = 20
"""Columns and words listed."""
MOST_PARTS = 40
"""Words of a written answer listed."""
MOST_WORDS = 300
"""Words of a text that are coloured."""

_HALF = 14
_PLAIN_WIDTH = 160
_STYLES = {"passed": "green", "failed": "bold red", "untold": "yellow"}
_BLOCKS = " ▏▎▍▌▋▊▉█"


def show_explanation(explanation: RowExplanation, console: "Console") -> None:
    """Write an explanation to a console.

    Args:
        explanation: What to write.
        console: Where to; standard output where None.
    """
    is_terminal = console.is_terminal
    width = console.width
    if not is_terminal:
        console.width = _PLAIN_WIDTH
    for part in explanation_parts(explanation, is_terminal=is_terminal):
        console.print(part, highlight=False, soft_wrap=not is_terminal)
    console.width = width


def explanation_parts(explanation: RowExplanation, *, is_terminal: bool) -> list[Any]:
    """Return what `show_explanation` writes, as rich renderables.

    Args:
        explanation: What to write.
        is_terminal: A person reads it in colour.
    """
    sure = ""
    if explanation.probability is not None:
        sure = f" (probability {format_share(explanation.probability)})"
    parts: list[Any] = [_text(f"row {explanation.row}: {explanation.answer}{sure}", "bold")]
    parts.append(
        _text(
            f"{explanation.unit} {format_number(explanation.value)}; with nothing known "
            f"{format_number(explanation.reference)}; by {explanation.method.replace('_', ' ')}"
        )
    )
    for one in explanation.inputs:
        parts += [_text(""), *_input_parts(one, is_terminal=is_terminal)]
    if explanation.written is not None:
        parts += [_text(""), *_written(explanation.written)]
    if explanation.left_out:
        names = ", ".join(shorten(name, 40) for name in explanation.left_out[:12])
        parts += [_text(""), _text(f"not reached by this method: {names}", "yellow")]
    if explanation.check is not None:
        parts += [_text(""), check_line(explanation.check)]
    parts += _neighbours(explanation.neighbours)
    return parts


def check_line(check: CheckRecord) -> "Text":
    """Return what was measured about an explanation; one that failed is marked.

    Args:
        check: What was measured.
    """
    mark = "FAILED ITS CHECK. " if check.verdict == "failed" else ""
    return _text(mark + check.sentence, _STYLES.get(check.verdict, ""))


def _input_parts(one: InputAttribution, *, is_terminal: bool) -> list[Any]:
    most = max((abs(number) for number in one.numbers()), default=0.0) or 1.0
    if one.kind == "picture":
        return [_text(one.name, "bold"), *_map(one, most)]
    if one.kind == "words" and is_terminal:
        return [_text(one.name, "bold"), _words(one, most), _text(""), *_bars(one, most)]
    return [_text(one.name, "bold"), *_bars(one, most)]


def _written(written: WrittenAttribution) -> list["Text"]:
    """Return a line for each word of an answer: what makes it less likely when taken away."""
    shown = written.parts[:MOST_PARTS]
    room = min(24, max((len(shorten(part, 24)) for part in shown), default=0))
    lines = [_text(f"what each word rests on: its fall without a place of {written.name}", "bold")]
    for row, part in enumerate(shown):
        line = _text(f"  {shorten(part, 24):<{room}}  ")
        falls = written.most_fallen(row)
        named = [f"{shorten(place, 20)} {fall:+.2f}" for place, fall in falls]
        line.append(", ".join(named) or "nothing by itself")
        if row < len(written.looks):
            share, place = max(zip(written.looks[row], written.places))
            line.append(f"   looks at {shorten(place, 20)} ({share:.0%})", style="dim")
        lines.append(line)
    if len(written.parts) > len(shown):
        lines.append(_text(f"  and {len(written.parts) - len(shown):,} more words"))
    return lines


def _bars(one: InputAttribution, most: float) -> list["Text"]:
    ranked = sorted(one.features, key=lambda feature: -abs(feature.attribution))
    shown = ranked[:MOST_FEATURES]
    has_values = any(feature.value != feature.label for feature in shown)
    room = min(28, max((len(shorten(f.label, 28)) for f in shown), default=0))
    wide = min(24, max((len(shorten(f.value, 24)) for f in shown), default=0)) if has_values else 0
    lines = []
    for feature in shown:
        line = _text(f"  {shorten(feature.label, 28):<{room}}  ")
        if has_values:
            line.append(f"{shorten(feature.value, 24):<{wide}}  ", style="dim")
        line.append_text(_bar(feature.attribution, most))
        line.append(f"  {feature.attribution:+.3g}")
        lines.append(line)
    if len(ranked) > len(shown):
        lines.append(_text(f"  and {len(ranked) - len(shown):,} more that count less"))
    return lines


def _bar(value: float, most: float) -> "Text":
    """Return a bar from an axis in the middle: right for, left against."""
    eighths = round(8 * _HALF * abs(value) / most)
    whole, rest = divmod(eighths, 8)
    if value >= 0:
        body = "█" * whole + (_BLOCKS[rest] if rest else "")
        bar = _text(" " * _HALF + "│")
        bar.append(f"{body:<{_HALF}}", style="green")
        return bar
    # No block ends at the right side in eighths, so the left half counts in halves.
    body = ("▐" if rest >= 4 else "") + "█" * whole
    bar = _text("")
    bar.append(f"{body:>{_HALF}}", style="red")
    bar.append("│" + " " * _HALF)
    return bar


def _words(one: InputAttribution, most: float) -> "Text":
    from rich.text import Text

    line = Text("  ")
    for feature in one.features[:MOST_WORDS]:
        share = feature.attribution / most
        style = ""
        if abs(share) >= 0.15:
            ground = "green" if share > 0 else "red"
            style = f"bold white on {ground}" if abs(share) >= 0.5 else ground
        line.append(shorten(feature.label, 60), style=style)
        line.append(" ")
    if len(one.features) > MOST_WORDS:
        line.append("…")
    return line


def _map(one: InputAttribution, most: float) -> list["Text"]:
    """Return a picture's patches as shaded cells with a sign where they matter."""
    from rich.text import Text

    rows, columns = one.grid
    lines = []
    for row in range(rows):
        line = Text("  ")
        for value in one.heat[row * columns : (row + 1) * columns]:
            share = abs(value) / most
            shade = "··░░▒▒▓▓██"[2 * min(4, int(5 * share)) :][:2]
            sign = "" if share < 0.2 else "green" if value > 0 else "red"
            line.append(shade, style=sign)
        lines.append(line)
    best = max(range(len(one.heat)), key=lambda n: one.heat[n], default=0)
    if columns:
        place = f"row {best // columns + 1}, column {best % columns + 1}"
        lines.append(_text(f"  darker counts more; most for the answer: patch in {place}"))
    return lines


def _neighbours(neighbours: tuple[NeighbourRecord, ...]) -> list["Text"]:
    if not neighbours:
        return []
    lines = [_text(""), _text("training rows that the network sees as most similar", "bold")]
    for one in neighbours:
        shown = f"  {shorten(one.shown, 90)}" if one.shown else ""
        label = shorten(one.label, 30)
        lines.append(
            _text(f"  row {one.row}  {label}  distance {format_number(one.distance, 3)}{shown}")
        )
    return lines


def _text(words: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(clean_text(words, 1200), style=style)
