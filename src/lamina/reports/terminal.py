"""The summary of a report for the command line, by rich: in colour, or plain where piped.

Texts from the data become `Text` objects, never rich markup, and control characters are made
visible, so a hostile name can neither style nor move the cursor.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lamina.core.records import Finding
from lamina.reports.content import ReportContent, ResultSection
from lamina.reports.render import lead_text, rank_models
from lamina.reports.text import (
    arrow,
    clean_text,
    format_amount,
    format_interval,
    metric_label,
    shorten,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

MOST_METRICS = 4
"""Metrics of the table."""
MOST_FINDINGS = 8
"""Findings listed, the severest first."""

_STYLES = {
    "better": "bold green",
    "equal": "bold yellow",
    "worse": "bold red",
    "severe": "bold red",
    "warning": "yellow",
}
_PLAIN_WIDTH = 160
_WIDTH_OF_NAME, _WIDTH_OF_METRIC = 26, 27


def show_summary(
    content: ReportContent, *, console: "Console | None" = None, report: Path | None = None
) -> None:
    """Write the summary to a console.

    Args:
        content: The report.
        console: Where to; standard output where None.
        report: The HTML page, named in the last line.
    """
    from rich.console import Console

    if console is None:
        console = Console()
    is_terminal, width = console.is_terminal, console.width
    if not is_terminal:
        # A file has no edge: one line per message and per row, so that it can be searched.
        console.width = _PLAIN_WIDTH
    parts = summary_parts(content, is_terminal=is_terminal, width=console.width, report=report)
    for part in parts:
        console.print(part, highlight=False, soft_wrap=not is_terminal)
    if not is_terminal:
        console.width = width


def summary_parts(
    content: ReportContent, *, is_terminal: bool, width: int, report: Path | None = None
) -> list[Any]:
    """Return what `show_summary` writes, as rich renderables.

    Args:
        content: The report.
        is_terminal: A person reads it in a terminal, so the table may have rules.
        width: Characters of a line; a narrow one shows fewer metrics.
        report: The HTML page.
    """
    summary = content.summary
    parts: list[Any] = [_text(content.title, "bold")]
    parts += [_text(lead_text(summary)), _text("")]
    if content.results and content.results.metrics and content.results.models:
        parts += [_score_table(content.results, is_terminal=is_terminal, width=width), _text("")]
    if summary.verdict:
        verdict = summary.verdict
        parts.append(_text(verdict.sentence, _STYLES.get(verdict.kind, "bold")))
    parts += [_text(f"warning: {warning}", "yellow") for warning in summary.warnings[:12]]
    parts += _findings(content.findings)
    for budget in content.training.budgets if content.training else ():
        used, limit = (format_amount(budget.kind, n) for n in (budget.used, budget.limit))
        is_kept = budget.used <= budget.limit
        words = f"{budget.kind} budget {'kept' if is_kept else 'exceeded'}: {used} of {limit}"
        parts.append(_text(words, "" if is_kept else "bold red"))
    if report is not None:
        parts.append(_text(f"report: {report}", "", limit=4096))
    return parts


def _score_table(results: ResultSection, *, is_terminal: bool, width: int) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD if is_terminal else None,
        pad_edge=False,
        show_edge=False,
        padding=(0, 2, 0, 0),
    )
    room = max(1, (width - _WIDTH_OF_NAME) // _WIDTH_OF_METRIC)
    metrics = results.metrics[: min(MOST_METRICS, room)]
    table.add_column(_text("model"), overflow="fold")
    for metric in metrics:
        head = f"{shorten(metric_label(metric.name), 24)} {arrow(metric.is_higher_better)}"
        table.add_column(_text(head.rstrip()), overflow="fold")
    for model in rank_models(results.metrics, results.models):
        is_network = model.kind == "network"
        name = f"{'▸' if is_network else ' '} {shorten(model.name, 40)}"
        cells = [_text(name)]
        for metric in metrics:
            if metric.name not in model.scores:
                cells.append(_text("–"))
                continue
            value, ends = format_interval(model.scores[metric.name], metric.unit)
            cells.append(_text(f"{value} [{ends}]" if ends else value))
        table.add_row(*cells, style="bold" if is_network else "")
    return table


def _findings(findings: tuple[Finding, ...]) -> list["Text"]:
    order = {"severe": 0, "warning": 1}
    ranked = sorted(findings, key=lambda one: order.get(one.severity, 2))
    lines = []
    for one in ranked[:MOST_FINDINGS]:
        remedy = f" {one.remedy}" if one.remedy else ""
        words = shorten(f"{one.severity}: {one.check}: {one.message}{remedy}", 400)
        lines.append(_text(words, _STYLES.get(one.severity, "")))
    if len(ranked) > MOST_FINDINGS:
        lines.append(_text(f"and {len(ranked) - MOST_FINDINGS} more findings in the report"))
    return lines


def _text(words: str, style: str = "", *, limit: int = 1200) -> "Text":
    from rich.text import Text

    return Text(clean_text(words, limit), style=style)
