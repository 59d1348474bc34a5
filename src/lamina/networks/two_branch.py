"""Two branches: one keeps the details, the other sees the whole; light and fast.

Source: Yu et al. 2018, "BiSeNet: bilateral segmentation network", arXiv:1808.00897 (a branch for
details beside one for context); Li et al. 2019, "DABNet", arXiv:1907.11357 (dilated blocks instead
of more strides). Differs: plain residual blocks, since filters per channel are slow on a CPU;
folded pixels; one loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

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
class TwoBranchConfig(AbstractSegmenterConfig):
    """Settings of the network of two branches."""

    width: int = 64
    """Channels of the branch of details."""
    depth: int = 2
    """Residual blocks of the branch of details, at least 1."""
    context: tuple[int, ...] = (128, 192)
    """Channels of each stage of the other branch; each halves the resolution."""
    dilations: tuple[int, ...] = (1, 2)
    """Distance of the filters' places in the blocks of each of its stages."""
    step: int = 4
    """Side of the squares of pixels that become channels, from 1 (none) to 8."""
    dropout: float = 0.1
    """Share of the channels that answers are read from that is left out while training."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        sizes = (self.width, self.depth, *self.context, *self.dilations)
        if not self.context or not self.dilations or min(sizes) < 1:
            raise ConfigError(
                f"width, depth, context and dilations must be at least 1, got {sizes!r}. Try "
                "64, 2, (128, 192) and (1, 2)."
            )
        if not 1 <= self.step <= 8:
            raise ConfigError(f"step must be from 1 to 8, got {self.step!r}. Try 4.")

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "TwoBranch":
        self.check(inputs, outputs)
        return TwoBranch(self, inputs, outputs)


@final
class TwoBranch(AbstractSegmenter):
    """Details beside context.

    Args:
        config: Its settings.
        inputs: What the data says about the picture.
        outputs: What must be answered.

    Raises:
        ConfigError: The pictures are too small.

    Source:
        arXiv:1808.00897.
    """

    def __init__(
        self, config: TwoBranchConfig, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]
    ) -> None:
        step, width = config.step, config.width
        check_side(inputs[0], step)
        super().__init__(inputs, outputs, step=step, width=width, dropout=config.dropout)
        self.stem = convolution(inputs[0].shape[0] * step * step, width)
        self.details = nn.Sequential(*(ResidualBlock(width, width) for _ in range(config.depth)))
        blocks, before = [], width
        for own in config.context:
            for place, dilation in enumerate(config.dilations):
                stride = 1 if place else 2
                blocks.append(ResidualBlock(before, own, stride=stride, dilation=dilation))
                before = own
        self.whole = nn.Sequential(*blocks)
        self.context = PooledContext(before)
        self.narrow = convolution(before, width, 1)
        self.join = ResidualBlock(width, width)

    @override
    def maps(self, images: Tensor) -> Tensor:
        stem = F.relu(self.stem(images))
        details = self.details(stem)
        around = self.narrow(self.context(self.whole(stem)))
        size = (int(details.shape[-2]), int(details.shape[-1]))
        joined: Tensor = self.join(F.relu(details + resized(around, size)))
        return joined
