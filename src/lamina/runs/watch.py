"""Who watches a run: what is said at each stage, and where training's records go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lamina.reports.content import ReportContent
from lamina.training.log import AbstractLogger, NullLogger


def _silent(_text: str) -> None:
    """Say nothing."""


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
