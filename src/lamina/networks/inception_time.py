"""InceptionTime: convolutions of several lengths side by side, over a narrowed series.

Source: Ismail Fawaz et al. 2020, "InceptionTime: finding AlexNet for time series classification",
arXiv:1909.04939. Differs: one network; the five that the paper averages are members' work.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.layers.masked_convolution import MaskedConvolution, max_over_neighbours
from lamina.networks.layers.steps import Steps, check_scale, mean_over_steps
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig

_PER_SHORTCUT = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class InceptionTimeConfig(AbstractEncoderConfig):
    """Settings of InceptionTime."""

    kinds: ClassVar[tuple[str, ...]] = ("series",)

    depth: int = 6
    """Modules; every third has a shortcut over it."""
    width: int = 32
    """Channels of each of the four branches, and of the narrowed series."""
    kernel_sizes: tuple[int, ...] = (39, 19, 9)
    """Steps that the convolutions of a module join."""
    scale: str = "none"
    """What is done to each series on its own: "none", or "each" to level it."""

    def __post_init__(self) -> None:
        check_scale(self.scale)
        if min(self.depth, self.width, *self.kernel_sizes, len(self.kernel_sizes)) < 1:
            raise ConfigError(
                f"depth, width and kernel_sizes must be at least 1, got {self.depth!r}, "
                f"{self.width!r} and {self.kernel_sizes!r}. Try 6, 32 and (39, 19, 9)."
            )

    @override
    def build(self, spec: InputSpec) -> "InceptionTime":
        return InceptionTime(self, spec)


@final
class InceptionTime(AbstractEncoder):
    """Inception modules over steps, float [batch, steps, channels] → [batch, branches * width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1909.04939, figures 2 and 3.
    """

    def __init__(self, config: InceptionTimeConfig, spec: InputSpec) -> None:
        super().__init__()
        self.steps = Steps(config.scale)
        width = config.width * (len(config.kernel_sizes) + 1)
        self.layers = nn.ModuleList(
            _Module(config, spec.shape[0] if place == 0 else width) for place in range(config.depth)
        )
        self.shortcuts = nn.ModuleList(
            MaskedConvolution(spec.shape[0] if place == 0 else width, width, 1)
            for place in range(config.depth // _PER_SHORTCUT)
        )
        self.out_features = width

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return tuple(self.layers)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        sequence, valid = self.steps(inputs)
        start = sequence
        for place, layer in enumerate(self.layers):
            sequence = layer(sequence, valid)
            if place % _PER_SHORTCUT == _PER_SHORTCUT - 1:
                shortcut = self.shortcuts[place // _PER_SHORTCUT]
                sequence = F.relu(sequence + shortcut(start, valid))
                start = sequence
        return mean_over_steps(sequence, valid)


class _Module(nn.Module):
    def __init__(self, config: InceptionTimeConfig, before: int) -> None:
        super().__init__()
        width = config.width
        # A single channel cannot be narrowed.
        self.narrow = nn.Conv1d(before, width, 1, bias=False) if before > 1 else None
        self.convolutions = nn.ModuleList(
            nn.Conv1d(width if before > 1 else 1, width, size, bias=False)
            for size in config.kernel_sizes
        )
        self.paddings = [((size - 1) // 2, size // 2) for size in config.kernel_sizes]
        self.largest = nn.Conv1d(before, width, 1, bias=False)
        self.norm = nn.BatchNorm1d(width * (len(config.kernel_sizes) + 1))

    @override
    def forward(self, sequence: Tensor, valid: Tensor) -> Tensor:
        narrow = sequence if self.narrow is None else self.narrow(sequence)
        found = [self.largest(max_over_neighbours(sequence, valid))]
        for convolution, padding in zip(self.convolutions, self.paddings):
            found.append(convolution(F.pad(narrow, padding)))
        joined: Tensor = F.relu(self.norm(torch.cat(found, dim=1))) * valid
        return joined
