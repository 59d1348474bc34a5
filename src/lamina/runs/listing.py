"""All runs of a folder with their main figures."""

from dataclasses import dataclass
from pathlib import Path

from lamina.core.errors import LaminaError
from lamina.core.records import Interval
from lamina.runs.run import Run


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list."""

    path: Path
    """The run folder."""
    status: str
    """"done", "trained", "unfinished", "planned" or "damaged"."""
    task: str
    """Name of the task."""
    metric: str
    """Metric that ranks; empty before evaluation."""
    value: Interval | None
    """Its value on the test rows."""
    seconds: float | None
    """Time of training."""
    sentence: str
    """Verdict against the baselines."""


def list_runs(root: Path) -> tuple[RunSummary, ...]:
    """Return the runs of a folder, the newest first.

    Args:
        root: Where runs lie; an absent folder holds none.
    """
    plans = sorted(root.glob("*/plan.yaml"), key=lambda p: p.stat().st_mtime, reverse=True)
    return tuple(_summary(plan.parent) for plan in plans)


def _summary(path: Path) -> RunSummary:
    try:
        run = Run(path)
        if run.status != "done":
            return RunSummary(path, run.status, run.plan.task, "", None, None, "")
        told = run.evaluation
        return RunSummary(
            path,
            run.status,
            told["task"],
            told["metric"],
            Interval.from_document(told["metrics"][told["metric"]]),
            told["training"]["seconds"],
            told["verdict"]["sentence"],
        )
    except (LaminaError, KeyError, TypeError) as error:
        return RunSummary(path, "damaged", "", "", None, None, str(error))
