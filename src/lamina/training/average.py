"""Running average of the weights, used for evaluation and as the final weights.

Source: Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging";
exponential form as in Tarvainen and Valpola 2017, arXiv:1703.01780. Differs: the share kept rises
from 0.1 over the first steps, min(decay, (1 + t) / (10 + t)), so that a short training profits too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import final

import torch
from torch import Tensor, nn


@final
class WeightAverage:
    """Running average of all weights and floating-point buffers of a model."""

    def __init__(self, model: nn.Module, *, decay: float) -> None:
        self._decay = decay
        named = [*model.named_parameters(), *model.named_buffers()]
        kept = {name: value for name, value in named if value.is_floating_point()}
        self._live = [value.detach() for value in kept.values()]
        self.tensors = {name: value.detach().clone() for name, value in kept.items()}
        """The averages by name."""

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the averages towards the model's weights.

        Args:
            step: Steps done before this one.
        """
        kept = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self.tensors.values()), self._live, 1 - kept)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages into the model, and its own weights back at the end."""
        own = [value.clone() for value in self._live]
        _copy(self._live, list(self.tensors.values()))
        try:
            yield
        finally:
            _copy(self._live, own)

    def store(self) -> None:
        """Put the averages into the model for good."""
        _copy(self._live, list(self.tensors.values()))


@torch.no_grad()
def _copy(into: list[Tensor], values: list[Tensor]) -> None:
    for target, value in zip(into, values, strict=True):
        target.copy_(value)
