"""Starting from another run: whether the rows tested on were trained on there.

A network that has seen the test rows answers them too well. So a run takes over seed and split of
the run that it starts from where the data are the same, and what was seen all the same is told.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from lamina.core.errors import RunError
from lamina.core.records import Finding
from lamina.data.checks.run import SEVERITIES
from lamina.data.sources.open import open_source
from lamina.runs.compare import load_answers
from lamina.runs.draft import start_of
from lamina.runs.folder import RunFolder
from lamina.runs.plan import DataConfig, Plan
from lamina.runs.prepare import Material
from lamina.runs.request import FitRequest, reading_options
from lamina.runs.run import Run
from lamina.runs.settings import split_setting
from lamina.runs.watch import Watch
from lamina.tasks.table import TASKS

_REMEDY = (
    "Give the same --seed, --group, --time-column and data.split as that run (without --seed and "
    "data.split they are taken over), or test on other rows with --test FILE."
)


def as_started(
    request: FitRequest, data: DataConfig, watch: Watch
) -> tuple[FitRequest, DataConfig]:
    """Return request and data with the seed and split of the run to start from.

    They stay as they are where the user named a seed or a split, or where the data are others.

    Args:
        request: What the user asks, with settings under their full names.
        data: The data section that it asks for.
        watch: Takes what happens.

    Raises:
        RunError: The run to start from is none, or has no model yet.
    """
    start = start_of(request)
    is_named = any(split_setting(s)[0].startswith("data.split") for s in request.settings)
    if start is None or request.seed is not None or is_named:
        return request, data
    run = Run(start)
    if not _has_same_source(run, data):
        return request, data
    watch.say(f"Seed and split are those of {start}, which was trained on the same data")
    return replace(request, seed=run.plan.seed), replace(data, split=run.plan.data.split)


def with_start_checked(plan: Plan, material: Material) -> Material:
    """Return the material with what was found about the runs that the plan starts from.

    Args:
        plan: Every decision.
        material: Rows, split, findings.
    """
    found = [
        finding
        for run in _forebears(plan.transfer.run)
        for finding in _seen_findings(run, plan.data, material)
    ]
    every = sorted((*material.findings, *found), key=lambda f: SEVERITIES.index(f.severity))
    return replace(material, findings=tuple(every)) if found else material


def _seen_findings(run: Run, data: DataConfig, material: Material) -> tuple[Finding, ...]:
    hashes = _fingerprints(run)
    test, begin, seen = material.split.test.numpy(), 0, []
    for count, info in zip(material.rows.counts, material.infos):
        here = test[(test >= begin) & (test < begin + count)] - begin
        seen.append(begin + here[_is_seen(run, hashes, info.fingerprint, here)])
        begin += count
    rows = np.concatenate(seen)
    if len(rows) and data.target and not TASKS[run.plan.task].value.has_targets:
        return (_read(run),)
    if len(rows):
        return (_leak(run, rows, len(test)),)
    known = {info.fingerprint for info in material.infos} & set(hashes.values())
    if run.plan.data.source == data.source and not known:
        return (_doubt(run),)
    return ()


def _is_seen(run: Run, hashes: dict[str, str], fingerprint: str, rows: np.ndarray) -> np.ndarray:
    """Return which rows of one source were no test rows of a run that had the same source."""
    if len(rows) and fingerprint == hashes.get("train"):
        # The rows of the train source come first, so those of a test source have higher numbers.
        return ~np.isin(rows, load_answers(run).rows)
    return np.full(len(rows), fingerprint == hashes.get("validation"))


def _leak(run: Run, rows: np.ndarray, num_test: int) -> Finding:
    shown = ", ".join(str(row) for row in rows[:5])
    return Finding(
        check="start from a run",
        severity="severe",
        message=f"{len(rows):,} of {num_test:,} test rows were seen in the training of {run.path}, "
        "from which this run starts: it would answer them too well.",
        evidence=f"The data are the same, and rows such as {shown} were no test rows there.",
        remedy=_REMEDY,
        rows=tuple(rows[:100].tolist()),
    )


def _read(run: Run) -> Finding:
    return Finding(
        check="start from a run",
        severity="note",
        message=f"{run.path}, from which this run starts, may have read texts of test rows, though "
        "none of the answers to them.",
        evidence="The data are the same, and what that run learnt has no answers.",
        remedy="Where not even the texts are to be known, test on other rows with --test FILE.",
    )


def _doubt(run: Run) -> Finding:
    return Finding(
        check="start from a run",
        severity="warning",
        message=f"Whether {run.path}, from which this run starts, has seen the test rows cannot be "
        "told.",
        evidence="Both name the same source, but it has changed since, or that run was never "
        "evaluated.",
        remedy="Test on rows that it cannot have seen, with --test FILE.",
    )


def _forebears(start: str | None) -> Iterator[Run]:
    """Yield the run at a path, the run that it started from, and so on, as far as they are left."""
    passed: set[str] = set()
    while start is not None and start not in passed and RunFolder(Path(start)).plan.exists():
        passed.add(start)
        yield (run := Run(start))
        start = run.plan.transfer.run


def _has_same_source(run: Run, data: DataConfig) -> bool:
    if run.plan.data.source == data.source:
        return True
    known = _fingerprints(run).get("train")
    if known is None:
        return False
    return open_source(data.source, options=reading_options(data.reading)).fingerprint() == known


def _fingerprints(run: Run) -> dict[str, str]:
    """Return the fingerprints of a run's sources by name; none where it was not evaluated yet."""
    try:
        hashes = run.folder.read_json(run.folder.receipt)["hashes"]
    except (RunError, KeyError):
        return {}
    head = "data/"
    return {n.removeprefix(head): text for n, text in hashes.items() if n.startswith(head)}
