"""ConvNeXt: a convolutional network with the habits of Transformers, exactly as published.

Source: Liu et al. 2022, "A ConvNet for the 2020s", arXiv:2201.03545.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.layers.activations import ActivationLayer
from lamina.networks.layers.dropout import StochasticDepth, check_rate
from lamina.networks.layers.pictures import PictureScale, check_side
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, MapSpec

_EPSILON = 1e-6  # of all normalisers but the last


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvNeXtConfig(AbstractEncoderConfig):
    """Settings of ConvNeXt; the defaults are its tiny form."""

    kinds: ClassVar[tuple[str, ...]] = ("image",)

    depths: tuple[int, ...] = (3, 3, 9, 3)
    """Blocks per stage; each stage after the first halves the resolution."""
    widths: tuple[int, ...] = (96, 192, 384, 768)
    """Channels per stage."""
    patch_size: int = 4
    """Side of the patches of the stem, in pixels."""
    activation: str = "gelu"
    """Name in the table of activations."""
    layer_scale: float = 1e-6
    """First value of the scales of the branches."""
    epsilon: float = 1e-12
    """What the last normaliser adds to the variance."""
    stochastic_depth: float = 0.0
    """Share of samples that skip the last block while training, in [0, 1); earlier ones less."""

    def __post_init__(self) -> None:
        check_rate("stochastic_depth", self.stochastic_depth)
        is_even = len(self.depths) == len(self.widths)
        if not self.depths or not is_even or min(*self.depths, *self.widths, self.patch_size) < 1:
            raise ConfigError(
                f"depths and widths must be as many, each at least 1, got {self.depths!r} and "
                f"{self.widths!r} with patches of {self.patch_size!r}. "
                "Try (3, 3, 9, 3), (96, 192, 384, 768) and 4."
            )

    @override
    def build(self, spec: InputSpec) -> "ConvNeXt":
        return ConvNeXt(self, spec)


@final
class ConvNeXt(AbstractEncoder):
    """ConvNeXt, uint8 [batch, channels, height, width] → [batch, out_features].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Raises:
        ConfigError: The pictures are too small.

    Source:
        arXiv:2201.03545.
    """

    def __init__(self, config: ConvNeXtConfig, spec: InputSpec) -> None:
        super().__init__()
        check_side(spec, config.patch_size * 2 ** (len(config.depths) - 1))
        self.stem = _Stem(config, spec)
        stages: list[nn.Module] = []
        passed, total, before = 0, sum(config.depths), config.widths[0]
        for depth, width in zip(config.depths, config.widths):
            rates = [config.stochastic_depth * (passed + i + 1) / total for i in range(depth)]
            halving = _Halving(before, width) if stages else nn.Identity()
            stages.append(_Stage(halving, [_Block(width, config, rate) for rate in rates]))
            passed, before = passed + depth, width
        self.stages = nn.ModuleList(stages)
        self.norm = nn.LayerNorm(before, eps=config.epsilon)
        self.out_features = before
        self.map_specs = tuple(
            MapSpec(width, config.patch_size * 2**place)
            for place, width in enumerate(config.widths)
        )

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.norm(self.maps(inputs).mean(dim=(2, 3)))
        return outputs

    def maps(self, inputs: Tensor) -> Tensor:
        """Return the features of every place, float [batch, out_features, height, width].

        Args:
            inputs: Pictures on the scale of 0 to 255.
        """
        return self.feature_maps(inputs)[-1]

    @override
    def feature_maps(self, inputs: Tensor) -> tuple[Tensor, ...]:
        values: Tensor = self.stem(inputs)
        maps: list[Tensor] = []
        for stage in self.stages:
            values = stage(values)
            maps.append(values)
        return tuple(maps)

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return (self.stem, *self.stages, self.norm)


class _Stem(nn.Module):
    def __init__(self, config: ConvNeXtConfig, spec: InputSpec) -> None:
        super().__init__()
        size, width = config.patch_size, config.widths[0]
        self.scale = PictureScale(spec)
        self.patches = nn.Conv2d(spec.shape[0], width, size, stride=size)
        self.norm = _ChannelNorm(width)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.norm(self.patches(self.scale(inputs)))
        return outputs


class _Stage(nn.Module):
    def __init__(self, halving: nn.Module, blocks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.halving = halving
        self.blocks = nn.Sequential(*blocks)

    @override
    def forward(self, maps: Tensor) -> Tensor:
        outputs: Tensor = self.blocks(self.halving(maps))
        return outputs


class _Halving(nn.Module):
    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.norm = _ChannelNorm(before)
        self.convolution = nn.Conv2d(before, width, 2, stride=2)

    @override
    def forward(self, maps: Tensor) -> Tensor:
        outputs: Tensor = self.convolution(self.norm(maps))
        return outputs


class _Block(nn.Module):
    def __init__(self, width: int, config: ConvNeXtConfig, rate: float) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        self.inner = nn.Linear(width, 4 * width)
        self.activation = ActivationLayer(config.activation)
        self.outer = nn.Linear(4 * width, width)
        self.branch_scale = nn.Parameter(torch.full((width,), config.layer_scale))
        self.skip = StochasticDepth(rate)

    @override
    def forward(self, maps: Tensor) -> Tensor:
        places = self.norm(self.convolution(maps).permute(0, 2, 3, 1))
        changed = self.branch_scale * self.outer(self.activation(self.inner(places)))
        outputs: Tensor = maps + self.skip(changed.permute(0, 3, 1, 2))
        return outputs


class _ChannelNorm(nn.Module):
    """Layer normalisation of the channels of each place."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=_EPSILON)

    @override
    def forward(self, maps: Tensor) -> Tensor:
        normed: Tensor = self.norm(maps.permute(0, 2, 3, 1))
        return normed.permute(0, 3, 1, 2)
