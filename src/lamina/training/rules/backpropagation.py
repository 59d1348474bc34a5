"""Backpropagation: the gradient of the loss, and of penalties on weights if wanted.

Source: Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors".
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from lamina.core.errors import ConfigError
from lamina.core.records import Batch
from lamina.networks.layers.mixture_of_experts import MixtureOfExperts, auxiliary_losses
from lamina.objectives.penalties import l1, l2
from lamina.training.execution import Execution
from lamina.training.rules.base import AbstractRule, BatchObjective


@dataclass(frozen=True, kw_only=True, slots=True)
class BackpropagationConfig:
    """The gradient of the loss; with l1 and l2 together the penalty is the elastic net."""

    l1: float = 0.0
    """Weight of the sum of absolute weights, biases and norms left out."""
    l2: float = 0.0
    """Weight of half the sum of squared weights, biases and norms left out."""

    def __post_init__(self) -> None:
        if self.l1 < 0 or self.l2 < 0:
            raise ConfigError(f"l1 and l2 must be at least 0, got {self.l1!r} and {self.l2!r}.")

    def build(
        self, model: nn.Module, objective: BatchObjective, *, execution: Execution
    ) -> "Backpropagation":
        """Return the rule for a model.

        Args:
            model: The model to train.
            objective: Loss per sample.
            execution: How the model is computed.
        """
        return Backpropagation(self, model, objective, execution)


@final
class Backpropagation(AbstractRule):
    """The gradient of the loss.

    Source:
        Rumelhart, Hinton and Williams 1986.
    """

    def __init__(
        self,
        config: BackpropagationConfig,
        model: nn.Module,
        objective: BatchObjective,
        execution: Execution,
    ) -> None:
        self._config = config
        self._model = model
        self._objective = objective
        self._execution = execution
        self._scales: Tensor | None = None
        self._scale = 0.0
        self._has_experts = any(isinstance(m, MixtureOfExperts) for m in model.modules())
        # Biases of several members or experts have two dimensions and more, too.
        self._weights = [
            parameter
            for name, parameter in model.named_parameters()
            if parameter.requires_grad and parameter.dim() >= 2 and not name.endswith("bias")
        ]

    def accumulate(self, batch: Batch, *, scale: float) -> Tensor:
        """Add the gradient of this piece's share of the mean loss.

        Args:
            batch: A piece of the full batch.
            scale: One over the samples of the full batch.

        Returns:
            The sum of the losses of the piece's samples; penalties are not in it.
        """
        if self._has_experts:
            return self._accumulate_with_experts(batch, scale)
        losses = self._objective(self._execution.forward(self._model, batch.inputs), batch)
        weights = self._scales
        if weights is None or len(weights) != len(losses) or self._scale != scale:
            weights = self._scales = torch.full_like(losses, scale, requires_grad=False)
            self._scale = scale
        if self._config.l1 or self._config.l2:
            self._penalise(share=len(batch) * scale)
        # A weighted sum of the losses, without its nodes in the graph.
        torch.autograd.backward(losses, weights)
        return losses.detach().sum()

    def _accumulate_with_experts(self, batch: Batch, scale: float) -> Tensor:
        """Do the same for a model whose mixtures of experts ask for balance.

        Their loss is a statistic of the piece, like batch normalisation's: it is weighted by the
        piece's share of the batch, but does depend on how the batch is cut.
        """
        with auxiliary_losses() as extra:
            losses = self._objective(self._execution.forward(self._model, batch.inputs), batch)
        goal = losses.sum() + len(batch) * torch.stack([e.float() for e in extra]).sum()
        torch.autograd.backward(scale * goal)
        if self._config.l1 or self._config.l2:
            self._penalise(share=len(batch) * scale)
        return losses.detach().sum()

    def _penalise(self, *, share: float) -> None:
        """Add the penalties' gradient; each piece its share, so that a batch adds up to one."""
        goal = self._config.l1 * l1(self._weights) + self._config.l2 * l2(self._weights)
        torch.autograd.backward(share * goal)
