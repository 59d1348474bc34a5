"""A whole detector: an encoder of pictures, a feature pyramid, and at each place classes and sides.

Anchor-free and of one stage: each place of three maps says how much it speaks for each class, and
how far away the four sides of the box are. What it learns from is said by the objective
`detection`; boxes that overlap are sorted out behind it (`runtime/answers/boxes.py`).

Source: Tian et al. 2019, "FCOS", arXiv:1904.01355; Li et al. 2020, "Generalized focal loss",
arXiv:2006.04388; Lyu et al. 2022, "RTMDet", arXiv:2212.07784 (convolutions of the head shared by
the levels, normalisers of their own). Differs: any convolutional encoder of `networks/`; one score
for class and quality; plain convolutions.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.boxes import SIDE_BINS, boxes_at, split_places
from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModel, AbstractModelConfig
from lamina.networks.layers.activations import ActivationLayer
from lamina.networks.layers.feature_pyramid import FeaturePyramid
from lamina.networks.layers.normalisers import PictureBatchNorm
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, MapSpec
from lamina.networks.resnet import ResNetConfig
from lamina.networks.table import NETWORKS

CANDIDATE_WIDTH = 6
"""Numbers per candidate: class, score, x0, y0, x1, y1."""

_FINEST = 8  # pixels from place to place of the finest map, at least
_PRIOR = 0.01  # share of places and classes that begin as hits
_FIRST_DISTANCE = 0.35  # by how much each further distance is less likely at first, in logits


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectorConfig(AbstractModelConfig):
    """Settings of a whole detector."""

    encoder: AbstractEncoderConfig = part_field(  # noqa: RUF009
        NETWORKS, ResNetConfig(depths=(1, 2, 2, 2), width=32, activation="silu"), what="encoder"
    )
    """What sees the pictures: an encoder that gives feature maps."""
    width: int = 64
    """Channels of the pyramid and the head."""
    levels: int = 3
    """Maps, each half as fine as the one before, at whose places there is an answer."""
    depth: int = 2
    """Convolutions of the head before classes and before sides."""
    activation: str = "silu"
    """Name in the table of activations, of pyramid and head."""
    candidates: int = 300
    """Boxes that are answered for a picture before those that overlap are sorted out."""

    def __post_init__(self) -> None:
        for name in ("width", "levels", "depth", "candidates"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, got {getattr(self, name)!r}.")

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "Detector":
        if [spec.kind for spec in inputs] != ["image"] or len(outputs) != 1:
            found = ", ".join(f"{spec.name!r} ({spec.kind})" for spec in inputs)
            raise ConfigError(
                f"a detector reads one column of pictures and answers boxes, got {found}. "
                "Name the other columns with --ignore."
            )
        return Detector(self, inputs[0], outputs[0])


@final
class Detector(AbstractModel):
    """Pictures to boxes.

    Args:
        config: Its settings.
        spec: What the data says about the pictures.
        output: What it says about the boxes: `size` is the number of classes.

    Raises:
        ConfigError: The encoder gives no maps of places.

    Shape:
        uint8 [batch, channels, height, width] → while training float [batch, places, 3 + 4 × bins +
        classes] as `lamina.core.boxes` says; else float [batch, classes + 6 × candidates]: the
        strongest logit of each class, then class, score and box of each candidate, from the
        strongest on.

    Source:
        arXiv:1904.01355, arXiv:2006.04388, arXiv:2212.07784.
    """

    answering: ClassVar[tuple[str, ...]] = ("head.",)

    def __init__(self, config: DetectorConfig, spec: InputSpec, output: OutputSpec) -> None:
        super().__init__()
        self.input_names, self.output_names = (spec.name,), (output.name,)
        encoder = config.encoder.build(spec)
        maps = encoder.map_specs
        if not maps:
            raise ConfigError(
                f"the encoder {type(encoder).__name__} gives no maps of places, which a detector "
                "needs. Use resnet, convnext or convnet."
            )
        fine = [place for place, one in enumerate(maps) if one.stride >= _FINEST]
        self.first = min(fine[0] if fine else len(maps) - 1, len(maps) - 1)
        self.last = min(len(maps), self.first + config.levels)
        # The same name as in a joined network, so that weights of such a one are taken over.
        self.encoders = nn.ModuleList([encoder])
        used = maps[self.first : self.last]
        self.pyramid = FeaturePyramid(
            used, config.width, config.levels, activation=config.activation
        )
        self.strides = tuple(_strides(used, config.levels))
        self.head = _Head(config, output.size)
        self.num_classes = output.size
        self.out_features = config.width
        self.num_candidates = config.candidates

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        levels = self._levels(inputs)
        found = [
            self._at_places(answers, stride)
            for answers, stride in zip(self.head(levels), self.strides, strict=True)
        ]
        output = torch.cat(found, dim=1)
        name = self.output_names[0]
        return {name: output if self.training else self._strongest(output)}

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        means = [level.float().mean(dim=(2, 3)) for level in self._levels(inputs)]
        return torch.stack(means).mean(dim=0)

    def _levels(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        encoder = self.encoders[0]
        assert isinstance(encoder, AbstractEncoder)
        maps = encoder.feature_maps(inputs[self.input_names[0]])
        levels: list[Tensor] = self.pyramid(maps[self.first : self.last])
        return levels

    def _at_places(self, answers: Tensor, stride: float) -> Tensor:
        """Return the answers of a map with their places before them, float32."""
        height, width = answers.shape[2:]
        device, kind = answers.device, torch.float32
        y = (torch.arange(height, device=device, dtype=kind) + 0.5) * stride
        x = (torch.arange(width, device=device, dtype=kind) + 0.5) * stride
        step = torch.full((height, width), float(stride), device=device)
        at = torch.stack((x.expand(height, width), y[:, None].expand(height, width), step))
        every = torch.cat((at.expand(len(answers), -1, -1, -1), answers.float()), dim=1)
        return every.flatten(2).transpose(1, 2)

    def _strongest(self, output: Tensor) -> Tensor:
        """Return the strongest logit per class and the strongest candidates."""
        places, sides, classes = split_places(output)
        every = classes.flatten(1)
        logits, chosen = every.topk(min(self.num_candidates, every.shape[1]), dim=1)
        at = torch.div(chosen, self.num_classes, rounding_mode="floor")
        boxes = boxes_at(places, sides)
        own = boxes.gather(1, at[:, :, None].expand(-1, -1, 4))
        label = (chosen - at * self.num_classes).to(own.dtype)
        found = torch.cat((label[:, :, None], logits.sigmoid()[:, :, None], own), dim=2)
        missing = self.num_candidates - found.shape[1]
        if missing > 0:
            found = nn.functional.pad(found, (0, 0, 0, missing))
        return torch.cat((classes.amax(dim=1), found.flatten(1)), dim=1)


class _Head(nn.Module):
    """Classes and sides at each place; filters are shared by the levels, normalisers are not."""

    def __init__(self, config: DetectorConfig, num_classes: int) -> None:
        super().__init__()
        self.of_classes = _Tower(config)
        self.of_sides = _Tower(config)
        self.classes = nn.Conv2d(config.width, num_classes, 1)
        self.sides = nn.Conv2d(config.width, 4 * SIDE_BINS, 1)
        for last in (self.classes, self.sides):
            nn.init.normal_(last.weight, std=0.01)
        nn.init.constant_(_bias(self.classes), -math.log((1 - _PRIOR) / _PRIOR))
        with torch.no_grad():
            distances = torch.arange(SIDE_BINS, dtype=torch.float32).repeat(4)
            _bias(self.sides).copy_(-_FIRST_DISTANCE * distances)

    @override
    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        return [
            torch.cat(
                (
                    self.sides(self.of_sides(level, place)),
                    self.classes(self.of_classes(level, place)),
                ),
                dim=1,
            )
            for place, level in enumerate(levels)
        ]


class _Tower(nn.Module):
    """Convolutions at each place of a level."""

    def __init__(self, config: DetectorConfig) -> None:
        super().__init__()
        width = config.width
        self.filters = nn.ModuleList(
            nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(config.depth)
        )
        for each in self.filters:
            nn.init.kaiming_normal_(each.weight, mode="fan_out", nonlinearity="relu")  # type: ignore[arg-type]
        self.norms = nn.ModuleList(
            nn.ModuleList(PictureBatchNorm(width) for _ in range(config.depth))
            for _ in range(config.levels)
        )
        self.activation = ActivationLayer(config.activation)

    def forward(self, level: Tensor, place: int) -> Tensor:
        for filters, norm in zip(self.filters, cast(nn.ModuleList, self.norms[place]), strict=True):
            level = self.activation(norm(filters(level)))
        return level


def _bias(layer: nn.Conv2d) -> Tensor:
    assert layer.bias is not None
    return layer.bias


def _strides(maps: Sequence[MapSpec], num_levels: int) -> list[int]:
    """Return the pixels from place to place of each level."""
    strides = [one.stride for one in maps]
    while len(strides) < num_levels:
        strides.append(2 * strides[-1])
    return strides
