"""The contract of a tracker, the one that tracks nothing, and the one that survives failures.

A tracker is a logger that also hears of the plan before training and of the evaluation after it.
The loop knows loggers only, and nobody asks whether there is a tracker: there is always one.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, final

from lamina.runs.plan import Plan
from lamina.training.log import AbstractLogger, Record


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    evaluation: Mapping[str, Any]
    """Content of evaluation.json."""
    report: Path
    """The report."""

    def figures(self) -> Iterator[tuple[str, float]]:
        """Yield the metrics on the test rows with the ends of their 95 % intervals."""
        for name, metric in self.evaluation["metrics"].items():
            for end in ("value", "low", "high"):
                if metric.get(end) is not None:
                    suffix = "" if end == "value" else f"_{end}"
                    yield f"test/{name}{suffix}", float(metric[end])


class AbstractTracker(AbstractLogger):
    """Follows a run from its plan to its report.

    `close`, as of any logger, ends the training's records; `finish` may still follow.
    """

    name: ClassVar[str]
    """Name in `--track`."""

    @abstractmethod
    def begin(self, folder: Path, plan: Plan) -> None:
        """Take the plan, before training; a resumed run begins once more.

        Args:
            folder: The run folder.
            plan: Every decision.
        """

    @abstractmethod
    def finish(self, outcome: Outcome) -> None:
        """Take what came of it, and end.

        Args:
            outcome: Evaluation and report.
        """


@final
class NullTracker(AbstractTracker):
    """Tracks nothing."""

    name: ClassVar[str] = "none"

    def begin(self, folder: Path, plan: Plan) -> None:
        """Do nothing.

        Args:
            folder: Ignored.
            plan: Ignored.
        """

    def write(self, record: Record) -> None:
        """Do nothing.

        Args:
            record: Ignored.
        """

    def close(self) -> None:
        """Do nothing."""

    def finish(self, outcome: Outcome) -> None:
        """Do nothing.

        Args:
            outcome: Ignored.
        """


@final
class GuardedTracker(AbstractTracker):
    """Another tracker that is told of no more once it has failed.

    A server that is down, or a full disk, must not cost a training.

    Args:
        tracker: The other.
        say: Takes one line, once, about the failure.
    """

    name: ClassVar[str] = "guarded"

    def __init__(self, tracker: AbstractTracker, say: Callable[[str], None]) -> None:
        self._tracker, self._say = tracker, say
        self.has_failed = False
        """Whether it was given up."""

    def begin(self, folder: Path, plan: Plan) -> None:
        """Hand on.

        Args:
            folder: The run folder.
            plan: Every decision.
        """
        self._try(lambda: self._tracker.begin(folder, plan))

    def write(self, record: Record) -> None:
        """Hand on.

        Args:
            record: JSON-like.
        """
        self._try(lambda: self._tracker.write(record))

    def close(self) -> None:
        """Hand on."""
        self._try(self._tracker.close)

    def finish(self, outcome: Outcome) -> None:
        """Hand on.

        Args:
            outcome: Evaluation and report.
        """
        self._try(lambda: self._tracker.finish(outcome))

    def _try(self, act: Callable[[], None]) -> None:
        if self.has_failed:
            return
        try:
            act()
        except Exception as error:  # whatever a foreign library raises, the run goes on
            self.has_failed = True
            told = " ".join(str(error).split())[:300] or type(error).__name__
            self._say(f"{self._tracker.name} cannot be reached and is given up: {told}")


def scalars(record: Record) -> dict[str, float]:
    """Return the figures of a record of training, by name; empty where there are none.

    Args:
        record: JSON-like.
    """
    found: dict[str, Any] = {}
    if record["kind"] == "step":
        names = ("loss", "rate", "samples_per_second", "energy_j", "epoch")
        found = {f"train/{name}": record[name] for name in names if name in record}
    elif record["kind"] == "validation":
        found = {f"validation/{name}": value for name, value in record["metrics"].items()}
        found |= {"train/loss_per_epoch": record["loss"]}
    elif record["kind"] == "energy":
        found = {"energy/joules": record["joules"]}
    return {name: float(value) for name, value in found.items() if value is not None}


def leaves(document: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every decision of a plan's document under its full name; reasons are none.

    Args:
        document: Nested plan.
        path: Where it stands.
    """
    for name, value in document.items():
        if not path and name in ("reasons", "schema"):
            continue
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*path, str(name)))
        else:
            yield ".".join((*path, str(name))), value
