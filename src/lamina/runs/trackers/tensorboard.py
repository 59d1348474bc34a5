"""TensorBoard: event files in a folder, by default within the run folder."""

from pathlib import Path
from typing import Any, ClassVar, final

import yaml

from lamina.core.errors import MissingExtraError
from lamina.runs.plan import Plan
from lamina.runs.trackers.base import AbstractTracker, Outcome, scalars
from lamina.training.log import Record


@final
class TensorBoardTracker(AbstractTracker):
    """Writes event files.

    Args:
        where: Folder of all runs' events, each run in a folder of its own name; None writes into
            `tensorboard` of the run folder.

    Raises:
        MissingExtraError: TensorBoard is not installed.
    """

    name: ClassVar[str] = "tensorboard"

    def __init__(self, where: str | None = None) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingExtraError("tensorboard", extra="track", purpose="--track") from error
        self._make, self._where = SummaryWriter, where
        self._writer: Any = None
        self._step = 0

    def begin(self, folder: Path, plan: Plan) -> None:
        """Keep where to write and the plan.

        Args:
            folder: The run folder.
            plan: Every decision.
        """
        self._folder = Path(self._where) / folder.name if self._where else folder / "tensorboard"
        text = yaml.safe_dump(plan.to_document(), sort_keys=False, allow_unicode=True)
        self._plan = "\n".join(f"    {line}" for line in text.splitlines())

    def write(self, record: Record) -> None:
        """Write the figures of a record.

        Args:
            record: JSON-like.
        """
        if record["kind"] == "start":
            # What was written after the checkpoint that a run goes on from is hidden.
            step = int(record["step"])
            self._open(purge_step=step + 1 if step else None)
            self._writer.add_text("plan", self._plan, 0)
        self._step = int(record.get("step", self._step))
        for name, value in scalars(record).items():
            self._open()
            self._writer.add_scalar(name, value, self._step)

    def close(self) -> None:
        """Flush."""
        if self._writer is not None:
            self._writer.flush()

    def finish(self, outcome: Outcome) -> None:
        """Write the final figures, and end.

        Args:
            outcome: Evaluation and report.
        """
        self._open()
        for name, value in outcome.figures():
            self._writer.add_scalar(name, value, self._step)
        self._writer.close()

    def _open(self, **options: Any) -> None:
        if self._writer is None:
            self._writer = self._make(str(self._folder), **options)
