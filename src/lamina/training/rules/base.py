"""The contract of a learning rule: how weights change for a batch.

A rule adds to the `.grad` of each trainable parameter; it need not be a gradient. Micro-batches,
the sum over processes, clipping and the optimizer follow after it and are the same for every rule.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Protocol

from torch import Tensor, nn

from lamina.core.records import Batch
from lamina.training.execution import Execution

BatchObjective = Callable[[Mapping[str, Tensor], Batch], Tensor]
"""Outputs and batch to one loss per sample, [batch]."""


class AbstractRule(ABC):
    """How weights change for a batch."""

    @abstractmethod
    def accumulate(self, batch: Batch, *, scale: float) -> Tensor:
        """Add this piece's share to the `.grad` of every trainable parameter.

        Args:
            batch: A piece of the full batch.
            scale: One over the samples of the full batch.

        Returns:
            The sum of the losses of the piece's samples, a scalar without a graph.
        """


class RuleConfig(Protocol):
    """What every config of the table can do."""

    def build(
        self, model: nn.Module, objective: BatchObjective, *, execution: Execution
    ) -> AbstractRule:
        """Return the rule for a model.

        Args:
            model: The model to train.
            objective: Loss per sample.
            execution: How the model is computed.
        """
