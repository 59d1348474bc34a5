"""Fully convolutional network for series: three convolutions and a mean over the steps.

Source: Wang, Yan and Oates 2017, "Time series classification from scratch with deep neural
networks: a strong baseline", arXiv:1611.06455.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class FCNConfig(AbstractEncoderConfig):
    """Settings of the fully convolutional network for series."""

    kinds: ClassVar[tuple[str, ...]] = ("series",)

    widths: tuple[int, ...] = (128, 256, 128)
    """Channels of each convolution."""
    kernel_sizes: tuple[int, ...] = (8, 5, 3)
    """Steps that each convolution joins."""
    activation: str = "relu"
    """Name in the table of activations."""
    scale: str = "none"
    """What is done to each series on its own: "none", or "each" to level it."""

    def __post_init__(self) -> None:
        check_scale(self.scale)
        if not self.widths or len(self.widths) != len(self.kernel_sizes):
            raise ConfigError(
                f"widths and kernel_sizes must name the same layers, got {self.widths!r} and "
                f"{self.kernel_sizes!r}. Try (128, 256, 128) and (8, 5, 3)."
            )
        if min(*self.widths, *self.kernel_sizes) < 1:
            raise ConfigError(
                f"widths and kernel_sizes must be at least 1, got {self.widths!r} and "
                f"{self.kernel_sizes!r}. Try (128, 256, 128) and (8, 5, 3)."
            )

    @override
    def build(self, spec: InputSpec) -> "FCN":
        return FCN(self, spec)


@final
class FCN(AbstractEncoder):
    """Convolutions over steps, float [batch, steps, channels] → [batch, last width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1611.06455, figure 1b.
    """

    def __init__(self, config: FCNConfig, spec: InputSpec) -> None:
        super().__init__()
        self.steps = Steps(config.scale)
        layers, before = [], spec.shape[0]
        for width, kernel_size in zip(config.widths, config.kernel_sizes):
            layers.append(MaskedConvolution(before, width, kernel_size))
            before = width
        self.layers = nn.ModuleList(layers)
        self.activation = activation(config.activation)
        self.out_features = before

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return tuple(self.layers)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        sequence, valid = self.steps(inputs)
        for layer in self.layers:
            sequence = self.activation(layer(sequence, valid)) * valid
        return mean_over_steps(sequence, valid)
