"""Mixture of experts: many feed-forward layers, of which each position uses a few.

A router gives each position a distribution over the experts; the best `top_k` are computed and
mixed by their shares. Without a push, a router soon uses a few experts only: `auxiliary_losses`
collects a loss that is smallest when all are used alike, to be added to the objective.

Source: Shazeer et al. 2017, arXiv:1701.06538; Fedus et al. 2021, "Switch Transformers",
arXiv:2101.03961 (balance loss). Differs: no capacity limit, so no position is dropped and a batch
may be split.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint
from lamina.networks.layers.activations import activation
from lamina.networks.layers.feed_forward import (
    AbstractFeedForwardConfig,
    check_ratio,
    hidden_width,
)

_COLLECTORS: list[list[Tensor]] = []


@contextmanager
def auxiliary_losses() -> Iterator[list[Tensor]]:
    """Collect what the layers of a model add to its objective in the forward passes inside.

    Yields:
        The losses, one scalar per mixture of experts and pass; filled as the passes run.
    """
    _COLLECTORS.append([])
    try:
        yield _COLLECTORS[-1]
    finally:
        _COLLECTORS.pop()


@dataclass(frozen=True, kw_only=True, slots=True)
class MixtureOfExpertsConfig(AbstractFeedForwardConfig):
    """Settings of the mixture of experts."""

    num_experts: int = 8
    """Experts there are."""
    top_k: int = 2
    """Experts each position uses."""
    ratio: float = 2.0
    """Hidden units of an expert per feature."""
    activation: str = "gelu"
    """Name in the table of activations."""
    balance: float = 0.01
    """Factor on the balance loss."""

    def __post_init__(self) -> None:
        check_ratio(self.ratio)
        if not 1 <= self.top_k <= self.num_experts:
            raise ConfigError(
                f"top_k must be between 1 and num_experts ({self.num_experts}), got "
                f"{self.top_k!r}. Try 2."
            )

    @override
    def build(self, width: int) -> "MixtureOfExperts":
        return MixtureOfExperts(self, width)


class MixtureOfExperts(nn.Module):
    """Routed feed-forward layers, [..., width] → the same.

    Args:
        config: Its settings.
        width: Features in and out.

    Source:
        arXiv:1701.06538, with the balance loss of arXiv:2101.03961, equation 4.
    """

    def __init__(self, config: MixtureOfExpertsConfig, width: int) -> None:
        super().__init__()
        self.config = config
        hidden = hidden_width(width, config.ratio)
        self.router = nn.Linear(width, config.num_experts, bias=False)
        self.inner = _uniform(config.num_experts, width, hidden, fan_in=width)
        self.inner_bias = nn.Parameter(torch.zeros(config.num_experts, 1, hidden))
        self.outer = _uniform(config.num_experts, hidden, width, fan_in=hidden)
        self.outer_bias = nn.Parameter(torch.zeros(config.num_experts, 1, width))
        self.activation = activation(config.activation)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        flat = inputs.reshape(-1, inputs.shape[-1])
        shares = self.router(flat).float().softmax(dim=1)
        best, chosen = shares.topk(self.config.top_k, dim=1)
        best = best / best.sum(dim=1, keepdim=True)
        gates = torch.zeros_like(shares).scatter(1, chosen, best)
        if _COLLECTORS:
            _COLLECTORS[-1].append(self.config.balance * balance_loss(shares, chosen))
        # Shapes that depend on the data cannot be exported or compiled.
        if torch.compiler.is_compiling():
            outputs = self._mix_all(flat, gates)
        else:
            outputs = self._mix_chosen(flat, gates)
        return outputs.to(inputs.dtype).view(inputs.shape)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {
            # A stack of matrices, which Muon would read as one wide matrix.
            "inner": Hint(matrix=False),
            "outer": Hint(matrix=False),
            "inner_bias": Hint(decay=0.0, matrix=False),
            "outer_bias": Hint(decay=0.0, matrix=False),
            "router.weight": Hint(matrix=False),
        }

    def _expert(self, index: int, rows: Tensor) -> Tensor:
        hidden = self.activation(rows @ self.inner[index] + self.inner_bias[index])
        return hidden @ self.outer[index] + self.outer_bias[index]

    def _mix_chosen(self, flat: Tensor, gates: Tensor) -> Tensor:
        mixed = torch.zeros_like(flat, dtype=torch.float32)
        for index in range(self.config.num_experts):
            rows = gates[:, index].nonzero().squeeze(1)
            # An idle expert runs on no rows, so that its gradient is zero and not absent.
            answers = self._expert(index, flat[rows]).float() * gates[rows, index, None]
            mixed = mixed.index_add(0, rows, answers)
        return mixed

    def _mix_all(self, flat: Tensor, gates: Tensor) -> Tensor:
        many = flat.unsqueeze(0).expand(self.config.num_experts, -1, -1)
        hidden = self.activation(torch.bmm(many, self.inner) + self.inner_bias)
        answers = torch.bmm(hidden, self.outer) + self.outer_bias
        return (answers.float() * gates.T.unsqueeze(2)).sum(dim=0)


def balance_loss(shares: Tensor, chosen: Tensor) -> Tensor:
    """Return experts × Σ (share of choices that fell on it × its mean probability); 1 at best.

    Args:
        shares: The router's distributions, float [positions, experts].
        chosen: The experts used, int64 [positions, top_k].

    Source:
        arXiv:2101.03961, equation 4. Differs: choices are counted over all `top_k`.
    """
    num_experts = shares.shape[1]
    counts = torch.zeros_like(shares).scatter(1, chosen, 1.0).mean(dim=0) / chosen.shape[1]
    return num_experts * (counts * shares.mean(dim=0)).sum()


def _uniform(*shape: int, fan_in: int) -> nn.Parameter:
    bound = fan_in**-0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
