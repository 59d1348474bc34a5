"""Heads: linear maps from the trunk's features to the outputs, one per member where it has members.

Four ways to begin, each a config of its own: `LinearHeadConfig` as torch does, `ZeroHeadConfig` at
zero, `DiagonalHeadConfig` with feature i as answer i, `ScaledHeadConfig` with large weights and a
small, fixed factor.
"""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.networks.hints import Hint
from lamina.networks.layers.ensemble_linear import EnsembleLinear
from lamina.networks.parts import AbstractHead, AbstractHeadConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class LinearHeadConfig(AbstractHeadConfig):
    """Settings of a linear head with random weights; there are none."""

    @override
    def build(self, in_features: int, out_features: int, *, num_members: int) -> AbstractHead:
        if num_members > 1:
            return EnsembleHead(in_features, out_features, num_members=num_members)
        return LinearHead(in_features, out_features)


@dataclass(frozen=True, kw_only=True, slots=True)
class ZeroHeadConfig(AbstractHeadConfig):
    """Settings of a linear head that begins at zero; there are none."""

    @override
    def build(self, in_features: int, out_features: int, *, num_members: int) -> AbstractHead:
        head = LinearHeadConfig().build(in_features, out_features, num_members=num_members)
        for parameter in head.parameters():
            nn.init.zeros_(parameter)
        return head


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagonalHeadConfig(AbstractHeadConfig):
    """Settings of a linear head that begins with feature i as answer i; there are none."""

    @override
    def build(self, in_features: int, out_features: int, *, num_members: int) -> AbstractHead:
        head = ZeroHeadConfig().build(in_features, out_features, num_members=num_members)
        with torch.no_grad():
            if isinstance(head, LinearHead):
                head.weight.copy_(torch.eye(out_features, in_features))
            elif isinstance(head, EnsembleHead):
                head.linear.weight.copy_(torch.eye(in_features, out_features))
        return head


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaledHeadConfig(AbstractHeadConfig):
    """Settings of a head with unit-variance weights and a fixed factor."""

    scale: float | None = None
    """Factor on the outputs; None for 1 / in_features."""

    @override
    def build(self, in_features: int, out_features: int, *, num_members: int) -> AbstractHead:
        return ScaledHead(self, in_features, out_features, num_members=num_members)


@final
class LinearHead(AbstractHead):
    """A linear map; for Muon its weights are a table of classes, not a map between features.

    Args:
        in_features: Width of the features.
        out_features: Numbers per sample.

    Source:
        torch.nn.Linear. Differs: its hints.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        bound = 1.0 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound))

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return F.linear(inputs, self.weight, self.bias)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"weight": Hint(matrix=False)}


@final
class EnsembleHead(AbstractHead):
    """A linear map per member.

    Args:
        in_features: Width of the features.
        out_features: Numbers per sample.
        num_members: Members of the trunk.

    Source:
        Gorishniy et al. 2024, arXiv:2410.24210.
    """

    def __init__(self, in_features: int, out_features: int, *, num_members: int) -> None:
        super().__init__()
        self.linear = EnsembleLinear(in_features, out_features, num_members=num_members)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.linear(inputs)
        return outputs


@final
class ScaledHead(AbstractHead):
    """Unit-variance weights times a fixed factor: the answer begins small, yet weights move freely.

    Args:
        config: Its settings.
        in_features: Width of the features.
        out_features: Numbers per sample.
        num_members: Members of the trunk.

    Source:
        Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv:2404.00498.
    """

    def __init__(
        self, config: ScaledHeadConfig, in_features: int, out_features: int, *, num_members: int
    ) -> None:
        super().__init__()
        self.factor = 1.0 / in_features if config.scale is None else config.scale
        members = (num_members,) if num_members > 1 else ()
        bound = math.sqrt(3.0)
        self.weight = nn.Parameter(torch.empty(*members, out_features, in_features))
        nn.init.uniform_(self.weight, -bound, bound)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if self.weight.dim() == 2:
            return F.linear(inputs, self.weight) * self.factor
        members = torch.bmm(inputs.transpose(0, 1), self.weight.transpose(1, 2))
        return members.transpose(0, 1) * self.factor

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"weight": Hint(matrix=False)}
