"""Residual network for series: blocks of three convolutions beside a shortcut.

Source: Wang, Yan and Oates 2017, arXiv:1611.06455, figure 1c.
"""

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.layers.activations import activation
from lamina.networks.layers.masked_convolution import MaskedConvolution
from lamina.networks.layers.steps import Steps, check_scale, mean_over_steps
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig

_KERNEL_SIZES = (8, 5, 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesResNetConfig(AbstractEncoderConfig):
    """Settings of the residual network for series."""

    kinds: ClassVar[tuple[str, ...]] = ("series",)

    widths: tuple[int, ...] = (64, 128, 128)
    """Channels of each block."""
    activation: str = "relu"
    """Name in the table of activations."""
    scale: str = "none"
    """What is done to each series on its own: "none", or "each" to level it."""

    def __post_init__(self) -> None:
        check_scale(self.scale)
        if not self.widths or min(self.widths) < 1:
            raise ConfigError(f"widths must name at least one block, got {self.widths!r}.")

    @override
    def build(self, spec: InputSpec) -> "SeriesResNet":
        return SeriesResNet(self, spec)


@final
class SeriesResNet(AbstractEncoder):
    """Residual blocks over steps, float [batch, steps, channels] → [batch, last width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1611.06455, figure 1c.
    """

    def __init__(self, config: SeriesResNetConfig, spec: InputSpec) -> None:
        super().__init__()
        self.steps = Steps(config.scale)
        befores = (spec.shape[0], *config.widths)
        self.stages = nn.ModuleList(
            _Block(before, width, config.activation)
            for before, width in zip(befores, config.widths)
        )
        self.out_features = config.widths[-1]

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return tuple(self.stages)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        sequence, valid = self.steps(inputs)
        for block in self.stages:
            sequence = block(sequence, valid)
        return mean_over_steps(sequence, valid)


class _Block(nn.Module):
    def __init__(self, before: int, width: int, kind: str) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            MaskedConvolution(before if place == 0 else width, width, kernel_size)
            for place, kernel_size in enumerate(_KERNEL_SIZES)
        )
        self.shortcut = MaskedConvolution(before, width, 1)
        self.activation = activation(kind)

    @override
    def forward(self, sequence: Tensor, valid: Tensor) -> Tensor:
        found = sequence
        for place, layer in enumerate(self.layers):
            if place:
                found = self.activation(found) * valid
            found = layer(found, valid)
        joined: Tensor = self.activation(found + self.shortcut(sequence, valid)) * valid
        return joined
