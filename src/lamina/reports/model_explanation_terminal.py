"""What moves a whole model, for the command line: the section of the report in lines of text."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lamina.core.records import Interval
from lamina.reports.content import ExplainedRow, ExplanationSection
from lamina.reports.explanation_terminal import check_line
from lamina.reports.text import clean_text, format_interval, shorten

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

MOST_COLUMNS = 20
"""Columns listed."""

_WIDTH = 24
_BLOCKS = " ▏▎▍▌▋▊▉█"


def show_model_explanation(name: str, section: ExplanationSection, console: "Console") -> None:
    """Write what moves a model to a console.

    Args:
        name: Name of the run.
        section: What its report shows.
        console: Where to.
    """
    for part in model_explanation_parts(name, section):
        console.print(part, highlight=False, soft_wrap=not console.is_terminal)


def model_explanation_parts(name: str, section: ExplanationSection) -> list[Any]:
    """Return what `show_model_explanation` writes, as rich renderables.

    Args:
        name: Name of the run.
        section: What its report shows.
    """
    method = section.method.replace("_", " ")
    parts = [_text(f"what moves {name}", "bold")]
    if section.check is not None:
        rows = section.check.num_rows
        parts += [_text(f"by {method}, measured on {rows:,} test rows"), check_line(section.check)]
    parts += _importances(section)
    parts += _layers(section)
    parts += _rows(section.rows)
    drawn = [*(one.title for one in section.maps), *(one.layer for one in section.features)]
    if drawn:
        parts += [
            _text(""),
            _text("maps of the test rows and what layers look for: in the report, or --out PAGE"),
        ]
    if section.left_out:
        parts += [
            _text(""),
            _text(f"no time was left for: {'; '.join(section.left_out[:8])}", "yellow"),
        ]
    return parts


def _importances(section: ExplanationSection) -> list["Text"]:
    if not section.importances:
        return []
    ranked = sorted(section.importances.items(), key=lambda pair: -pair[1].value)
    lines = [_text(""), _text("what all answers rest on", "bold"), _text(section.importance_note)]
    most = max(ranked[0][1].value, 0.0) or 1.0
    lines += _bars(dict(ranked[:MOST_COLUMNS]), 0.0, most, "")
    if len(ranked) > MOST_COLUMNS:
        lines.append(_text(f"  and {len(ranked) - MOST_COLUMNS:,} more that count less"))
    return lines


def _layers(section: ExplanationSection) -> list["Text"]:
    if not section.layers:
        return []
    unit = "%" if section.layer_metric == "accuracy" else ""
    guess = section.layer_chance
    chance = format_interval(Interval(guess, guess, guess), unit)[0]
    about = (
        f"{section.layer_metric} on {section.layer_rows:,} test rows, half of which taught it; "
        f"guessing reaches {chance}"
    )
    most = max(one.value for one in section.layers.values())
    head = [_text(""), _text("what a straight line reads off each layer", "bold"), _text(about)]
    return [*head, *_bars(section.layers, section.layer_chance, most, unit)]


def _bars(figures: Mapping[str, Interval], low: float, high: float, unit: str) -> list["Text"]:
    room = max(len(shorten(name, 36)) for name in figures)
    lines = []
    for name, one in figures.items():
        share = min(1.0, max(0.0, (one.value - low) / ((high - low) or 1.0)))
        whole, rest = divmod(round(8 * _WIDTH * share), 8)
        bar = "█" * whole + (_BLOCKS[rest] if rest else "")
        value, between = format_interval(one, unit)
        told = f"  [{between}]" if between else ""
        line = _text(f"  {shorten(name, 36):<{room}}  ")
        line.append(f"{bar:<{_WIDTH}}", style="green")
        line.append(f"  {value}{told}")
        lines.append(line)
    return lines


def _rows(rows: tuple[ExplainedRow, ...]) -> list["Text"]:
    if not rows:
        return []
    lines = [_text(""), _text("some test rows, and what counts most in each", "bold")]
    for row in rows:
        one = row.explanation
        mistake = ", a worst mistake" if row.is_mistake else ""
        truth = f" (truth: {shorten(row.truth, 40)}{mistake})" if row.truth else ""
        failed = one.check is not None and one.check.verdict == "failed"
        lines.append(
            _text(
                f"  row {one.row}: {shorten(one.answer, 60)}{truth}"
                + ("  FAILED ITS CHECK" if failed else ""),
                "red" if failed else "",
            )
        )
        kinds = {own.name: own.kind for own in one.inputs}
        top = [
            f"{f'patch {int(label) + 1}' if kinds[name] == 'picture' else shorten(label, 24)} "
            f"{value:+.3g}"
            for name, label, value in one.top(5)
        ]
        lines.append(_text(f"      {', '.join(top)}"))
    return lines


def _text(words: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(clean_text(words, 1200), style=style)
