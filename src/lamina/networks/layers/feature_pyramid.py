"""Feature pyramid: maps of several resolutions that know of each other.

What coarse maps know of large things goes down to the fine ones, then what fine maps know of
places goes up again.

Source: Lin et al. 2017, "Feature pyramid networks", arXiv:1612.03144; Liu et al. 2018, "Path
aggregation network", arXiv:1803.01534. Differs: plain 3×3 convolutions with batch normalisation,
which are faster on a processor than depthwise ones; maps are added, not joined.
"""

from collections.abc import Sequence
from typing import final

from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.networks.layers.activations import ActivationLayer
from lamina.networks.layers.normalisers import PictureBatchNorm
from lamina.networks.parts import MapSpec


@final
class FeaturePyramid(nn.Module):
    """Maps of an encoder → as many levels of one width, finest first.

    Args:
        maps: What the encoder gives, finest first; coarser levels are made from the last one.
        width: Channels of each level.
        num_levels: Levels wanted.
        activation: Name in the table of activations.

    Shape:
        Maps [batch, channels, height, width], each about half as high and wide as the one before →
        the same with `width` channels.

    Source:
        arXiv:1612.03144, arXiv:1803.01534.
    """

    def __init__(
        self, maps: Sequence[MapSpec], width: int, num_levels: int, *, activation: str
    ) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(
            convolution(spec.channels, width, 1, 1, activation) for spec in maps
        )
        extra = num_levels - len(maps)
        self.further = nn.ModuleList(
            convolution(width, width, 3, 2, activation) for _ in range(extra)
        )
        steps = num_levels - 1
        self.down = nn.ModuleList(convolution(width, width, 3, 1, activation) for _ in range(steps))
        self.halvings = nn.ModuleList(
            convolution(width, width, 3, 2, activation) for _ in range(steps)
        )
        self.up = nn.ModuleList(convolution(width, width, 3, 1, activation) for _ in range(steps))

    @override
    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        levels = [lateral(one) for lateral, one in zip(self.laterals, maps, strict=True)]
        for layer in self.further:
            levels.append(layer(levels[-1]))
        for place in range(len(levels) - 2, -1, -1):
            coarse = F.interpolate(levels[place + 1], size=levels[place].shape[2:])
            levels[place] = self.down[place](levels[place] + coarse)
        for place in range(1, len(levels)):
            height, width = levels[place].shape[2:]
            # A map of odd height halves to one more row than some encoders give.
            fine = self.halvings[place - 1](levels[place - 1])[:, :, :height, :width]
            levels[place] = self.up[place - 1](levels[place] + fine)
        return levels


def convolution(width_in: int, width: int, size: int, stride: int, name: str) -> nn.Sequential:
    """Return a convolution, its normaliser and an activation.

    Args:
        width_in: Channels in.
        width: Channels out.
        size: Height and width of the filters.
        stride: Step of the filters.
        name: Name of the activation.
    """
    filters = nn.Conv2d(width_in, width, size, stride=stride, padding=size // 2, bias=False)
    nn.init.kaiming_normal_(filters.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(filters, PictureBatchNorm(width), ActivationLayer(name))
