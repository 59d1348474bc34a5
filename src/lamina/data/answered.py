"""Samples that bring their answers along: networks are given the encoded targets as inputs, too.

A network whose answers are of free length measures how likely the right answer is, place by place,
each given those before it; so it has to read it ("teacher forcing").
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lamina.core.records import Batch
from lamina.data.parts import Samples


@dataclass(frozen=True, slots=True)
class Answered:
    """Samples with their targets among the inputs, under the names of the targets."""

    samples: Samples
    """The samples themselves."""

    @property
    def device(self) -> torch.device:
        """Where sample numbers have to be."""
        return self.samples.device

    def batch(self, index: Tensor) -> Batch:
        """Return some samples with their answers.

        Args:
            index: int64 [batch], sample numbers.
        """
        own = self.samples.batch(index)
        return Batch({**own.inputs, **own.targets}, own.targets, own.index)

    def by_length(self, index: Tensor) -> Tensor:
        """Return an order of some samples in which those of about one length follow each other.

        Args:
            index: int64 [samples], sample numbers.
        """
        return self.samples.by_length(index)

    def targets_of(self, index: Tensor) -> dict[str, Tensor]:
        """Return nothing: what is asked of these samples is how likely their answers are.

        Args:
            index: Sample numbers.
        """
        del index
        return {}

    def rows_of(self, index: Tensor) -> Tensor:
        """Return the row that each sample begins in.

        Args:
            index: int64 [samples], sample numbers.
        """
        return self.samples.rows_of(index)
