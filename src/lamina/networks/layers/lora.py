"""LoRA: a trained layer stays as it is and learns a correction of low rank beside it.

`with_lora` takes a module and returns it with such layers, of which only the corrections train;
`merged` takes it and returns it with plain layers again, which compute the same.

Source: Hu et al. 2021, "LoRA: Low-rank adaptation of large language models", arXiv:2106.09685.
Differs: query, key and value are one layer here, so they share the narrow side.
"""

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.layers.dropout import Dropout, check_rate


@dataclass(frozen=True, kw_only=True, slots=True)
class LoraConfig:
    """Settings of corrections of low rank."""

    rank: int = 0
    """Rank of the corrections; 0 for none: the layers themselves are trained."""
    alpha: float = 16.0
    """The corrections are multiplied by this over the rank."""
    dropout: float = 0.0
    """Share of the corrections' inputs dropped while training, in [0, 1)."""
    layers: tuple[str, ...] = ("*",)
    """Patterns of the linear layers that get one, such as "*.attention.*"."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if self.rank < 0 or not self.alpha > 0 or not self.layers:
            raise ConfigError(
                f"rank must be at least 0, alpha above 0 and layers a pattern at least, got "
                f"{self.rank!r}, {self.alpha!r} and {self.layers!r}. Try 8, 16 and '*'."
            )


@final
class LoraLinear(nn.Module):
    """A linear layer with a correction of low rank, zero at first.

    Args:
        linear: The layer; it is frozen.
        config: Settings of the correction.

    Shape:
        [..., in_features] → [..., out_features].

    Source:
        arXiv:2106.09685, section 4.1.
    """

    def __init__(self, linear: nn.Linear, config: LoraConfig) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        like = linear.weight
        self.down = nn.Parameter(like.new_empty(config.rank, linear.in_features))
        self.up = nn.Parameter(like.new_zeros(linear.out_features, config.rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))
        self.dropout = Dropout(config.dropout)
        self.scale = config.alpha / config.rank

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.linear(inputs)
        correction = F.linear(F.linear(self.dropout(inputs), self.down), self.up)
        return outputs + self.scale * correction

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """Return a plain layer that computes the same as this one without dropout."""
        linear = self.linear
        linear.weight += self.scale * (self.up @ self.down)
        return linear.requires_grad_(True)


def with_lora(module: nn.Module, config: LoraConfig) -> nn.Module:
    """Return a module of whose linear layers some have a correction; nothing else in it trains.

    Args:
        module: Changed in place.
        config: Settings of the corrections; rank 0 leaves it as it is.

    Raises:
        ConfigError: A pattern fits no linear layer.
    """
    if config.rank == 0:
        return module
    module.requires_grad_(False)
    linear = [name for name, layer in module.named_modules() if isinstance(layer, nn.Linear)]
    for pattern in config.layers:
        if not any(fnmatchcase(name, pattern) for name in linear):
            names = f" Names look like {linear[0]!r}." if linear else " There is none."
            raise ConfigError(f"the pattern {pattern!r} fits no linear layer for LoRA.{names}")
    chosen = [name for name in linear if any(fnmatchcase(name, p) for p in config.layers)]
    for name in chosen:
        layer = module.get_submodule(name)
        assert isinstance(layer, nn.Linear)
        module = _replaced(module, name, LoraLinear(layer, config))
    return module


def merged(module: nn.Module) -> nn.Module:
    """Return a module in whose layers all corrections are taken up.

    Args:
        module: Changed in place.
    """
    found = [name for name, layer in module.named_modules() if isinstance(layer, LoraLinear)]
    for name in found:
        layer = module.get_submodule(name)
        assert isinstance(layer, LoraLinear)
        module = _replaced(module, name, layer.merged())
    return module


def _replaced(module: nn.Module, name: str, layer: nn.Module) -> nn.Module:
    if not name:
        return layer
    parent, _, own = name.rpartition(".")
    setattr(module.get_submodule(parent), own, layer)
    return module
