"""What commands print: for people through rich, for machines as one JSON object."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from lamina.cli.options import console, print_json
from lamina.core.config import to_document
from lamina.core.durations import format_duration
from lamina.core.records import Finding, Interval
from lamina.evaluation.comparison import Comparison
from lamina.explanation.records import RowExplanation
from lamina.reports.explanation_terminal import show_explanation
from lamina.reports.model_explanation_terminal import show_model_explanation
from lamina.reports.terminal import show_summary
from lamina.runs.api import Checked
from lamina.runs.evaluate import plain
from lamina.runs.explanation_content import ModelExplanation
from lamina.runs.listing import RunSummary
from lamina.runs.plan import Plan
from lamina.runs.reproduce import Reproduction
from lamina.runs.run import Run, Scored
from lamina.runs.verify import ResumeProof
from lamina.runs.watch import Watch
from lamina.runtime.document import short
from lamina.training.progress import progress_logger

_COLOURS = {"severe": "red", "warning": "yellow", "note": "cyan"}


@contextmanager
def watching(*, is_json: bool, track: str | None = None) -> Iterator[Watch]:
    """Yield a watch that shows stages and progress; for machines it stays silent.

    Args:
        is_json: Standard output is kept for JSON.
        track: Where else the run is followed.
    """

    def warn(text: str) -> None:
        print(f"lamina: {text}", file=sys.stderr)

    if is_json:
        yield Watch(warn=warn, track=track)
        return
    screen = console(is_json=is_json)
    yield Watch(
        say=lambda text: screen.print(text, markup=False),
        show=lambda content, report: show_summary(content, console=screen, report=report),
        logger=progress_logger(sys.stdout),
        warn=warn,
        track=track,
    )


def show_run(run: Run, *, is_json: bool) -> None:
    """Print what came of a run; people have seen it already, while it went on.

    Args:
        run: The run.
        is_json: For machines.
    """
    if not is_json:
        return
    told = run.evaluation
    keep = ("task", "metric", "metrics", "verdict", "rows", "training")
    print_json(
        {
            "run": str(run.path),
            "status": run.status,
            "report": str(run.folder.report),
            **{name: told[name] for name in keep},
            "baselines": {n: b["metrics"] for n, b in told["baselines"].items()},
        }
    )


def show_plan(plan: Plan, out: Path | None, *, is_json: bool) -> None:
    """Print every decision with its reason.

    Args:
        plan: The plan.
        out: File it was written to, or None.
        is_json: For machines.
    """
    document = plan.to_document()
    if is_json:
        print_json(document)
        return
    from rich.table import Table

    table = Table("decision", "value", "reason", box=None, pad_edge=False)
    for path, value in _leaves(document, ()):
        # Why a part was chosen stands at the part; its name is what is shown of that.
        reason = plan.reasons.get(path) or plan.reasons.get(path.removesuffix(".name"), "")
        if value not in (None, "", [], {}) or reason:
            table.add_row(path, str(value), reason)
    screen = console(is_json=False)
    screen.print(table, markup=False)
    if out is not None:
        screen.print(f"Written to {out}; run it with: lamina fit {out}", markup=False)


def show_checked(checked: Checked, *, is_json: bool) -> None:
    """Print the schema and what the checks found.

    Args:
        checked: What `lamina.check` returned.
        is_json: For machines.
    """
    if is_json:
        columns = [
            {"name": c.name, "role": c.role, "modality": c.modality, "evidence": c.evidence}
            for c in checked.schema.columns
        ]
        findings = [to_document(f) for f in checked.findings]
        problems = [to_document(p) for p in checked.problems]
        print_json({"columns": columns, "findings": findings, "problems": problems})
        return
    from rich.table import Table

    screen = console(is_json=False)
    table = Table("column", "role", "modality", "evidence", box=None, pad_edge=False)
    for column in checked.schema.columns:
        table.add_row(_plain(column.name), column.role, column.modality, _plain(column.evidence))
    screen.print(table)
    for problem in checked.problems[:20]:
        screen.print(f"put aside: {problem.where}: {problem.what}", markup=False)
    for finding in checked.findings:
        _print_finding(screen, finding)
    if not checked.findings:
        screen.print("No faults found.")


def show_answers(answers: pl.DataFrame, out: Path | None, *, is_json: bool) -> None:
    """Print answers, or where they were written.

    Args:
        answers: One row per row of the data.
        out: File they were written to, or None.
        is_json: For machines.
    """
    if is_json:
        rows = {} if out is not None else {"answers": answers.to_dicts()}
        print_json({"rows": answers.height, "out": None if out is None else str(out), **rows})
        return
    screen = console(is_json=False)
    if out is not None:
        screen.print(f"{answers.height:,} answers written to {out}", markup=False)
        return
    from rich.table import Table

    shown = answers.head(20)
    table = Table(*map(_plain, shown.columns), box=None, pad_edge=False)
    for row in shown.iter_rows():
        table.add_row(*(_plain(_number(cell)) for cell in row))
    screen.print(table)
    if answers.height > 20:
        screen.print(f"… and {answers.height - 20:,} more; write all with --out answers.csv")


def show_explained(
    found: RowExplanation | ModelExplanation, out: Path | None, *, is_json: bool
) -> None:
    """Print why a row was answered as it was, or what a whole model rests on.

    Args:
        found: The explanation.
        out: Page it was written to, or None.
        is_json: For machines.
    """
    if is_json:
        page = {} if out is None else {"out": str(out)}
        print_json(found.to_document() | page)
        return
    screen = console(is_json=False)
    if isinstance(found, RowExplanation):
        show_explanation(found, screen)
    else:
        show_model_explanation(found.run, found.section, screen)
    if out is not None:
        screen.print(f"page: {out}", markup=False)


def show_metrics(metrics: dict[str, Interval], *, is_json: bool) -> None:
    """Print metrics with their intervals, and which rows they were measured on where that is known.

    Args:
        metrics: By name.
        is_json: For machines.
    """
    scored = metrics if isinstance(metrics, Scored) else None
    if is_json:
        rows = {"scored": scored.num_rows, "left_out": scored.left_out} if scored else None
        print_json(plain(metrics) | ({"rows": rows} if rows else {}))
        return
    from rich.table import Table

    table = Table("metric", "value", "95 % interval", box=None, pad_edge=False)
    for name, value in metrics.items():
        table.add_row(name, _number(value.value), f"{_number(value.low)} – {_number(value.high)}")
    screen = console(is_json=False)
    screen.print(table)
    if scored:
        screen.print(scored.rows, markup=False)


def show_runs(runs: tuple[RunSummary, ...], *, is_json: bool) -> None:
    """Print the list of runs.

    Args:
        runs: The runs.
        is_json: For machines.
    """
    if is_json:
        print_json([plain(run) for run in runs])
        return
    from rich.table import Table

    table = Table("run", "status", "task", "metric", "test", "time", box=None, pad_edge=False)
    for run in runs:
        value = run.value
        test = (
            f"{_number(value.value)} ({_number(value.low)} – {_number(value.high)})"
            if value
            else ""
        )
        time = format_duration(run.seconds) if run.seconds else ""
        table.add_row(_plain(str(run.path)), run.status, run.task, run.metric, test, time)
    screen = console(is_json=False)
    screen.print(table if runs else "No runs here. Make one with: lamina fit SOURCE")


def show_comparison(comparison: Comparison, *, is_json: bool) -> None:
    """Print whether two runs differ.

    Args:
        comparison: What was found.
        is_json: For machines.
    """
    if is_json:
        print_json(plain(comparison))
        return
    console(is_json=False).print(comparison.sentence, markup=False)


def show_verification(proof: ResumeProof, *, is_json: bool) -> None:
    """Print whether a killed run ended with the same weights.

    Args:
        proof: What was found.
        is_json: For machines.
    """
    if is_json:
        print_json(plain(proof))
        return
    outcome = (
        "bit-identical" if proof.is_equal else f"DIFFERENT in {', '.join(proof.differing[:5])}"
    )
    console(is_json=False).print(
        f"Killed {proof.num_kills} times; {proof.num_tensors} tensors of the final weights are "
        f"{outcome} ({format_duration(proof.seconds)})",
        markup=False,
    )


def show_reproduction(outcome: Reproduction, *, is_json: bool) -> None:
    """Print how a repetition compares with its original.

    Args:
        outcome: What was found.
        is_json: For machines.
    """
    if is_json:
        print_json(plain(outcome) | {"path": str(outcome.path)})
        return
    screen = console(is_json=False)
    screen.print(f"{outcome.verdict}: {outcome.sentence}", markup=False)
    for line in outcome.changes:
        screen.print(f"  changed: {line}", markup=False)


def _print_finding(screen: Any, finding: Finding) -> None:
    from rich.text import Text

    head = Text(f"{finding.severity}: ", style=_COLOURS.get(finding.severity, ""))
    screen.print(head + Text(f"{finding.check}: {finding.message}", style=""))
    screen.print(f"    {finding.evidence}", markup=False)
    screen.print(f"    {finding.remedy}", markup=False)


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and path[:1] != ("reasons",):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif path and path[0] not in ("reasons", "schema"):
        yield ".".join(path), value


def _number(value: Any) -> str:
    if isinstance(value, dict):  # a mask, whose runs are many
        return short(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
