"""Samples of a part of the data: what a network is trained, tested and answers on.

Mostly a sample is a row. Where it is not, such as a stretch of a text that runs over many rows, a
task cuts the rows of each part into samples of its own kind (`AbstractTask.part`), which keep this
contract, so that nothing that comes after has to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from lamina.core.records import Batch

Purpose = Literal["learn", "watch", "answer"]
"""What samples are for: to be learnt from, to be watched while training, or to be answered. Samples
to be watched may bring their answers along, where finding those anew each time would take long."""


class Samples(Protocol):
    """Samples that are fetched by number."""

    @property
    def device(self) -> torch.device:
        """Where sample numbers have to be."""

    def batch(self, index: Tensor) -> Batch:
        """Return some samples, ready for a network.

        Args:
            index: int64 [batch], sample numbers.
        """

    def by_length(self, index: Tensor) -> Tensor:
        """Return an order of some samples in which those of about one length follow each other.

        Args:
            index: int64 [samples], sample numbers.

        Returns:
            int64 [samples], places in `index`.
        """

    def targets_of(self, index: Tensor) -> dict[str, Tensor]:
        """Return the encoded targets of some samples, on the CPU.

        Args:
            index: int64 [samples], sample numbers.
        """

    def rows_of(self, index: Tensor) -> Tensor:
        """Return the row of the source that each sample begins in, int64 [samples].

        Args:
            index: int64 [samples], sample numbers.
        """


@dataclass(frozen=True, slots=True)
class Part:
    """The samples of some rows."""

    samples: Samples
    """Where they are fetched from."""
    index: Tensor
    """int64, their numbers, on the device of the samples."""

    def __len__(self) -> int:
        return int(self.index.shape[0])

    def targets(self) -> Mapping[str, Tensor]:
        """Return their encoded targets, on the CPU."""
        return self.samples.targets_of(self.index)

    def rows(self) -> Tensor:
        """Return the row that each begins in, int64, on the CPU."""
        return self.samples.rows_of(self.index).cpu()
