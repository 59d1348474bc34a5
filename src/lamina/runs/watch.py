"""Who watches a run: what is said at each stage, and where training's records go."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lamina.reports.content import ReportContent
from lamina.runs.trackers.base import AbstractTracker, NullTracker
from lamina.training.log import AbstractLogger, NullLogger


def _silent(_text: str) -> None:
    """Say nothing."""


def _warned(text: str) -> None:
    """Warn as Python does."""
    warnings.warn(text, RuntimeWarning, stacklevel=2)


def _unseen(_content: ReportContent, _report: Path) -> None:
    """Show nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """Takes what happens; changes nothing."""

    say: Callable[[str], None] = _silent
    """Takes one line per stage."""
    show: Callable[[ReportContent, Path], None] = _unseen
    """Takes the summary of a finished run and the path of its report."""
    logger: AbstractLogger = field(default_factory=NullLogger)
    """Takes the records of training, beside the run's own log."""
    warn: Callable[[str], None] = _warned
    """Takes one line about something that went wrong and does not stop the run."""
    track: str | None = None
    """Where else the run is followed: "tensorboard", "mlflow", or either with "=WHERE"."""
    tracker: AbstractTracker = field(default_factory=NullTracker)
    """The tracker that comes of it, once the run has begun."""
