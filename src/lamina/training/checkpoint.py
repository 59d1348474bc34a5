"""Checkpoints: one atomic, checksummed file, and the previous good one beside it.

Two slots are written in turn, so a write can only harm the older one. Loading takes the newest slot
that is whole; a torn or changed file is passed over. No pickle: safetensors with a JSON document.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from torch import Tensor

from lamina.core.bundle import read_tensors, write_tensors
from lamina.core.errors import BundleError

FORMAT = 1
"""Number of the checkpoint format."""

_SLOTS = ("a.safetensors", "b.safetensors")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A training at one step, as it lies on disk."""

    tensors: Mapping[str, Tensor]
    """Weights, state of the optimizer, averages, best weights."""
    document: Mapping[str, Any]
    """Counters, history, identity."""


@final
class CheckpointStore:
    """The folder of a run's checkpoints.

    Args:
        folder: Where they lie; made when the first is saved.
        cost_share: Largest share of the time that saving may take.
        min_interval_s: Shortest time between two saves.
    """

    def __init__(
        self, folder: Path, *, cost_share: float = 0.02, min_interval_s: float = 2.0
    ) -> None:
        self.problems: list[str] = []
        """What went wrong while loading or saving, in plain words."""
        self._folder = folder
        self._cost_share = cost_share
        self._min_interval_s = min_interval_s
        self._number = 0
        self._next_save = time.monotonic() + min_interval_s

    def is_due(self) -> bool:
        """Return whether enough time has passed since the last save to pay for the next."""
        return time.monotonic() >= self._next_save

    def save(self, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> bool:
        """Write a checkpoint over the older of the two.

        A full disk is no reason to stop: the problem is noted and the last good one is kept.

        Args:
            tensors: By name.
            document: JSON-like.

        Returns:
            Whether it was written.
        """
        begin = time.monotonic()
        number = self._number + 1
        body = {"format": FORMAT, "number": number, "document": dict(document)}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_tensors(self._folder / _SLOTS[number % 2], tensors, body)
        except OSError as error:
            self.problems.append(
                f"could not save a checkpoint in {self._folder}: {error.strerror or error}. "
                "Training goes on and the last good checkpoint is kept; free some space."
            )
            self._plan_next(begin)
            return False
        self._number = number
        self._plan_next(begin)
        return True

    def load(self) -> Checkpoint | None:
        """Return the newest checkpoint that is whole, or None where there is none.

        Raises:
            BundleError: There are files, but none of them is whole.
        """
        found: list[tuple[int, Checkpoint]] = []
        slots = [path for name in _SLOTS if (path := self._folder / name).exists()]
        for path in slots:
            try:
                tensors, body = read_tensors(path)
                found.append((_number(body, path), Checkpoint(tensors, body["document"])))
            except BundleError as error:
                self.problems.append(f"{error} The other checkpoint is used.")
        if not found:
            if slots:
                raise BundleError(
                    f"no checkpoint in {self._folder} is whole: {' '.join(self.problems)} "
                    "Start the run anew."
                )
            return None
        self._number, newest = max(found, key=lambda pair: pair[0])
        return newest

    def _plan_next(self, begin: float) -> None:
        now = time.monotonic()
        self._next_save = now + max(self._min_interval_s, (now - begin) / self._cost_share)


def _number(body: Mapping[str, Any], path: Path) -> int:
    number = body.get("number")
    if body.get("format") != FORMAT or not isinstance(number, int) or "document" not in body:
        raise BundleError(f"{path} is no checkpoint of this version of Lamina.")
    return number
