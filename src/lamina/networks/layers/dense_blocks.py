"""Blocks of networks that answer each pixel: convolutions, residual blocks, and what is all around.

Source: He et al. 2015, arXiv:1512.03385 (residual blocks); Zhao et al. 2017, "Pyramid scene parsing
network", arXiv:1612.01105 (pooled context); Shi et al. 2016, arXiv:1609.05158 (finer answers from
channels).
"""

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.networks.layers.normalisers import PictureBatchNorm


def convolution(
    width_in: int, width: int, size: int = 3, *, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    """Return a convolution and its normaliser; sides are kept, or divided by the stride.

    Args:
        width_in: Channels in.
        width: Channels out.
        size: Side of the filters, odd.
        stride: Step.
        dilation: Distance of the filters' places.
    """
    padding = dilation * (size // 2)
    layer = nn.Conv2d(
        width_in, width, size, stride=stride, padding=padding, dilation=dilation, bias=False
    )
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(layer, PictureBatchNorm(width))


@final
class ResidualBlock(nn.Module):
    """Two 3×3 convolutions beside a shortcut, [batch, width_in, ...] → [batch, width, ...].

    Args:
        width_in: Channels in.
        width: Channels out.
        stride: Step of the first convolution.
        dilation: Distance of the places of the second.

    Source:
        arXiv:1512.03385.
    """

    def __init__(self, width_in: int, width: int, *, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.first = convolution(width_in, width, stride=stride)
        self.second = convolution(width, width, dilation=dilation)
        is_same = width_in == width and stride == 1
        self.shortcut: nn.Module = (
            nn.Identity() if is_same else convolution(width_in, width, 1, stride=stride)
        )

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        branch = self.second(F.relu(self.first(inputs)))
        return F.relu(self.shortcut(inputs) + branch)


@final
class PooledContext(nn.Module):
    """What lies all around, at several scales, joined to each place; [batch, width, ...] → same.

    Args:
        width: Channels.
        bins: Cells per side of each scale.

    Source:
        arXiv:1612.01105. Differs: no normaliser of the pooled cells, which a single sample has one
        of; means over windows of equal size in place of adaptive ones.
    """

    def __init__(self, width: int, bins: tuple[int, ...] = (1, 2, 4)) -> None:
        super().__init__()
        own = max(1, width // len(bins))
        self.bins = bins
        self.scales = nn.ModuleList(nn.Conv2d(width, own, 1) for _ in bins)
        self.join = convolution(width + own * len(bins), width, 1)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        size = inputs.shape[-2:]
        found = [inputs]
        for bins, layer in zip(self.bins, self.scales):
            cells = cell_means(inputs, min(bins, *size))
            found.append(resized(F.relu(layer(cells)), (size[0], size[1])))
        joined: Tensor = F.relu(self.join(torch.cat(found, dim=1)))
        return joined


def cell_means(inputs: Tensor, bins: int) -> Tensor:
    """Return means of a grid of cells, [batch, channels, bins, bins]; cells may share a row.

    Args:
        inputs: float [batch, channels, height, width], no side below `bins`.
        bins: Cells per side.
    """
    height, width = inputs.shape[-2:]
    strides = (height // bins, width // bins)
    sizes = (height - (bins - 1) * strides[0], width - (bins - 1) * strides[1])
    return F.avg_pool2d(inputs, sizes, strides)


def resized(inputs: Tensor, size: tuple[int, int]) -> Tensor:
    """Return maps at another size, interpolated.

    Args:
        inputs: float [batch, channels, height, width].
        size: Height and width.
    """
    return F.interpolate(inputs, size=size, mode="bilinear", align_corners=False)


def folded(images: Tensor, step: int) -> Tensor:
    """Return pictures whose squares of pixels are channels, edges repeated to whole squares.

    Args:
        images: float [batch, channels, height, width].
        step: Side of the squares.

    Returns:
        float [batch, channels × step², ⌈height / step⌉, ⌈width / step⌉].
    """
    height, width = images.shape[-2:]
    down, right = -height % step, -width % step
    if down or right:
        images = F.pad(images, (0, right, 0, down), mode="replicate")
    return F.pixel_unshuffle(images, step)


def unfolded(maps: Tensor, step: int, size: tuple[int, int]) -> Tensor:
    """Return maps whose channels become squares of pixels, cut to a size.

    Args:
        maps: float [batch, channels × step², ...].
        step: Side of the squares.
        size: Height and width.
    """
    return F.pixel_shuffle(maps, step)[..., : size[0], : size[1]]
