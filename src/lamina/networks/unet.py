"""U-Net: down to what a whole region is, and up again to the class of every pixel.

Source: Ronneberger et al. 2015, "U-Net", arXiv:1505.04597. Differs: residual blocks, sums in place
of joined channels on the way up, pooled context at the bottom, folded pixels instead of layers at
the full size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, final

from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.layers.dense_blocks import (
    PooledContext,
    ResidualBlock,
    convolution,
    resized,
)
from lamina.networks.layers.dropout import check_rate
from lamina.networks.layers.pictures import check_side
from lamina.networks.segmenter import AbstractSegmenter, AbstractSegmenterConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class UNetConfig(AbstractSegmenterConfig):
    """Settings of the U-Net."""

    widths: tuple[int, ...] = (32, 64, 128, 256)
    """Channels of each stage; each after the first halves the resolution."""
    depths: tuple[int, ...] = (1, 2, 2, 2)
    """Residual blocks of each stage on the way down."""
    depth_up: int = 1
    """Residual blocks of each stage on the way up, at least 1."""
    step: int = 2
    """Side of the squares of pixels that become channels, from 1 (none) to 8."""
    dropout: float = 0.1
    """Share of the channels that answers are read from that is left out while training."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if len(self.widths) != len(self.depths) or min(*self.widths, *self.depths) < 1:
            raise ConfigError(
                f"widths and depths must be as many, each at least 1, got {self.widths!r} and "
                f"{self.depths!r}. Try (32, 64, 128, 256) and (1, 2, 2, 2)."
            )
        if self.depth_up < 1 or not 1 <= self.step <= 8:
            raise ConfigError(
                f"depth_up must be at least 1 and step from 1 to 8, got {self.depth_up!r} and "
                f"{self.step!r}."
            )

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "UNet":
        self.check(inputs, outputs)
        return UNet(self, inputs, outputs)


@final
class UNet(AbstractSegmenter):
    """Down and up again.

    Args:
        config: Its settings.
        inputs: What the data says about the picture.
        outputs: What must be answered.

    Raises:
        ConfigError: The pictures are too small.

    Source:
        arXiv:1505.04597.
    """

    def __init__(
        self, config: UNetConfig, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]
    ) -> None:
        widths, step = config.widths, config.step
        check_side(inputs[0], step)
        super().__init__(inputs, outputs, step=step, width=widths[0], dropout=config.dropout)
        self.stem = convolution(inputs[0].shape[0] * step * step, widths[0])
        down, before = [], widths[0]
        for stage, (width, depth) in enumerate(zip(widths, config.depths)):
            blocks = []
            for place in range(depth):
                stride = 2 if stage and not place else 1
                blocks.append(ResidualBlock(before, width, stride=stride))
                before = width
            down.append(nn.Sequential(*blocks))
        self.down = nn.ModuleList(down)
        self.context = PooledContext(before)
        narrow, up = [], []
        for width in reversed(widths[:-1]):
            narrow.append(convolution(before, width, 1))
            up.append(nn.Sequential(*(ResidualBlock(width, width) for _ in range(config.depth_up))))
            before = width
        self.narrow, self.up = nn.ModuleList(narrow), nn.ModuleList(up)

    @override
    def maps(self, images: Tensor) -> Tensor:
        values = F.relu(self.stem(images))
        found = []
        for stage in self.down:
            values = stage(values)
            found.append(values)
        values = self.context(values)
        for narrow, blocks, beside in zip(self.narrow, self.up, reversed(found[:-1])):
            size = cast(tuple[int, int], tuple(beside.shape[-2:]))
            values = blocks(resized(F.relu(narrow(values)), size) + beside)
        return values
