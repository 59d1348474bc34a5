"""Residual network for pictures, with basic or bottleneck blocks.

Pictures of up to 64 pixels get the stem of the CIFAR networks (one 3×3 convolution), larger ones
that of the ImageNet networks (7×7 of stride 2, then max-pooling).

Source: He et al. 2015, "Deep residual learning for image recognition", arXiv:1512.03385; stochastic
depth: Huang et al. 2016, arXiv:1603.09382; last scale of a branch zero at first: Goyal et al. 2017,
arXiv:1706.02677.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.core.table import Entry, look_up, table
from lamina.networks.layers.activations import ActivationLayer, activation
from lamina.networks.layers.dropout import StochasticDepth, check_rate
from lamina.networks.layers.normalisers import PictureBatchNorm
from lamina.networks.layers.pictures import PictureScale, check_side
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, MapSpec

_SMALL_SIDE = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class ResNetConfig(AbstractEncoderConfig):
    """Settings of the residual network."""

    kinds: ClassVar[tuple[str, ...]] = ("image",)

    depths: tuple[int, ...] = (2, 2, 2, 2)
    """Blocks per stage; each stage after the first halves the resolution."""
    width: int = 64
    """Channels of the first stage; each later one has twice as many."""
    block: str = "basic"
    """Name in the table of blocks: basic or bottleneck."""
    activation: str = "relu"
    """Name in the table of activations."""
    stem: Literal["auto", "small", "large"] = "auto"
    """What comes before the stages: of the CIFAR or the ImageNet networks, or by the pictures."""
    stochastic_depth: float = 0.0
    """Share of samples that skip the last block while training, in [0, 1); earlier ones less."""

    def __post_init__(self) -> None:
        check_rate("stochastic_depth", self.stochastic_depth)
        look_up(BLOCKS, self.block, what="block")
        if not self.depths or min(*self.depths, self.width) < 1:
            raise ConfigError(
                f"depths and width must be at least 1, got {self.depths!r} and {self.width!r}. "
                "Try (2, 2, 2, 2) and 64."
            )

    @override
    def build(self, spec: InputSpec) -> "ResNet":
        return ResNet(self, spec)


@final
class ResNet(AbstractEncoder):
    """Residual network, uint8 [batch, channels, height, width] → [batch, out_features].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Raises:
        ConfigError: The pictures are too small.

    Source:
        arXiv:1512.03385. Differs: a block that halves the resolution strides in its 3×3
        convolution, also in bottlenecks.
    """

    def __init__(self, config: ResNetConfig, spec: InputSpec) -> None:
        super().__init__()
        check_side(spec, 8)
        self.scale = PictureScale(spec)
        self.stem = _stem(config, spec)
        kind = look_up(BLOCKS, config.block, what="block")
        blocks: list[nn.Module] = []
        width_in, total = config.width, sum(config.depths)
        ends: list[int] = []
        channels: list[int] = []
        for stage, depth in enumerate(config.depths):
            width = config.width * 2**stage
            for place in range(depth):
                stride = 2 if stage and not place else 1
                rate = config.stochastic_depth * (len(blocks) + 1) / total
                branch = kind(width_in, width, stride, config.activation)
                blocks.append(_Residual(branch, width_in, stride, config.activation, rate))
                width_in = branch.out_features
            ends.append(len(blocks))
            channels.append(width_in)
        self.stages = nn.Sequential(*blocks)
        self.out_features = width_in
        self._ends = tuple(ends)
        step = 1 if _has_small_stem(config, spec) else 4
        self.map_specs = tuple(
            MapSpec(width, step * 2**stage) for stage, width in enumerate(channels)
        )

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.stages(self.stem(self.scale(inputs)))
        return outputs.mean(dim=(2, 3))

    @override
    def feature_maps(self, inputs: Tensor) -> tuple[Tensor, ...]:
        maps: list[Tensor] = []
        values = self.stem(self.scale(inputs))
        for place, block in enumerate(self.stages, 1):
            values = block(values)
            if place in self._ends:
                maps.append(values)
        return tuple(maps)

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return (self.stem, *self.stages)


class _Branch(nn.Module):
    """Convolutions of one block; the last scale is zero at first."""

    def __init__(self, layers: list[nn.Module], out_features: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.out_features = out_features
        last = layers[-1]
        assert isinstance(last, nn.BatchNorm2d)
        nn.init.zeros_(last.weight)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.layers(inputs)
        return outputs


class BasicBranch(_Branch):
    """Two 3×3 convolutions.

    Args:
        width_in: Channels in.
        width: Channels out.
        stride: Step of the first convolution.
        name: Name of the activation.

    Source:
        arXiv:1512.03385, figure 5 left.
    """

    def __init__(self, width_in: int, width: int, stride: int, name: str) -> None:
        layers = [
            *_convolution(width_in, width, 3, stride),
            ActivationLayer(name),
            *_convolution(width, width, 3, 1),
        ]
        super().__init__(layers, width)


class BottleneckBranch(_Branch):
    """A 3×3 convolution between two 1×1 convolutions, the last four times as wide.

    Args:
        width_in: Channels in.
        width: Channels of the 3×3 convolution.
        stride: Step of the 3×3 convolution.
        name: Name of the activation.

    Source:
        arXiv:1512.03385, figure 5 right.
    """

    def __init__(self, width_in: int, width: int, stride: int, name: str) -> None:
        layers = [
            *_convolution(width_in, width, 1, 1),
            ActivationLayer(name),
            *_convolution(width, width, 3, stride),
            ActivationLayer(name),
            *_convolution(width, 4 * width, 1, 1),
        ]
        super().__init__(layers, 4 * width)


BLOCKS: Mapping[str, Entry[type[BasicBranch] | type[BottleneckBranch]]] = table(
    Entry("basic", BasicBranch, "Two 3×3 convolutions.", "arXiv:1512.03385"),
    Entry("bottleneck", BottleneckBranch, "1×1, 3×3, 1×1 convolutions.", "arXiv:1512.03385"),
)
"""All blocks by name."""


class _Residual(nn.Module):
    """A branch beside a shortcut, which is a 1×1 convolution where shapes differ."""

    def __init__(self, branch: _Branch, width_in: int, stride: int, name: str, rate: float) -> None:
        super().__init__()
        self.branch = branch
        has_same_shape = stride == 1 and width_in == branch.out_features
        self.shortcut: nn.Module = (
            nn.Identity()
            if has_same_shape
            else nn.Sequential(*_convolution(width_in, branch.out_features, 1, stride))
        )
        self.skip = StochasticDepth(rate)
        self.activation = activation(name)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return self.activation(self.shortcut(inputs) + self.skip(self.branch(inputs)))


def _has_small_stem(config: ResNetConfig, spec: InputSpec) -> bool:
    is_small = min(spec.shape[1:]) <= _SMALL_SIDE
    return config.stem == "small" or (config.stem == "auto" and is_small)


def _stem(config: ResNetConfig, spec: InputSpec) -> nn.Sequential:
    channels = spec.shape[0]
    if _has_small_stem(config, spec):
        return nn.Sequential(
            *_convolution(channels, config.width, 3, 1), ActivationLayer(config.activation)
        )
    return nn.Sequential(
        *_convolution(channels, config.width, 7, 2),
        ActivationLayer(config.activation),
        nn.MaxPool2d(3, stride=2, padding=1),
    )


def _convolution(width_in: int, width: int, size: int, stride: int) -> list[nn.Module]:
    """Return a convolution and its normaliser."""
    convolution = nn.Conv2d(width_in, width, size, stride=stride, padding=size // 2, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    return [convolution, PictureBatchNorm(width)]
