"""The trackers by name, and what `--track` means."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from lamina.core.errors import ConfigError
from lamina.core.files import write_atomically
from lamina.core.table import Entry, look_up, table
from lamina.runs.plan import Plan
from lamina.runs.trackers.base import AbstractTracker, GuardedTracker, NullTracker
from lamina.runs.trackers.mlflow import MLflowTracker
from lamina.runs.trackers.tensorboard import TensorBoardTracker

Make = Callable[[str | None], AbstractTracker]

TRACKERS: Mapping[str, Entry[Make]] = table(
    Entry("tensorboard", TensorBoardTracker, "Event files in a folder."),
    Entry("mlflow", MLflowTracker, "A server or a folder of MLflow."),
)
"""By name in `--track`."""

REMEMBERED = "track.json"
"""File of a run folder that says where the run is tracked, so that `resume` goes on there."""


def make_tracker(text: str | None) -> AbstractTracker:
    """Return the tracker that a text names.

    Args:
        text: NAME, or NAME=WHERE; None tracks nothing.

    Raises:
        ConfigError: There is no such tracker.
        MissingExtraError: Its library is not installed.
    """
    if text is None:
        return NullTracker()
    name, mark, where = str(text).partition("=")
    if mark and not where:
        raise ConfigError(f"--track takes NAME or NAME=WHERE, got {text!r}.")
    return look_up(TRACKERS, name, what="tracker")(where or None)


def start_tracking(
    tracked: str | None, folder: Path, plan: Plan, say: Callable[[str], None]
) -> AbstractTracker:
    """Return the tracker of a run, guarded, and tell it of the plan.

    Args:
        tracked: As for `make_tracker`; None goes on where the run was tracked before.
        folder: The run folder.
        plan: Every decision.
        say: Takes one line where the tracker fails.
    """
    kept = folder / REMEMBERED
    if tracked is None and kept.exists():
        tracked = str(json.loads(kept.read_text(encoding="utf-8"))["track"])
    made = make_tracker(tracked)
    if tracked is None:
        return made
    write_atomically(kept, json.dumps({"track": tracked}))
    tracker = GuardedTracker(made, say)
    tracker.begin(folder, plan)
    return tracker
