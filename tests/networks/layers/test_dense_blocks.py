"""Blocks of networks that answer each pixel."""

import pytest
import torch
from torch.nn import functional as F

from lamina.networks.layers.dense_blocks import (
    PooledContext,
    ResidualBlock,
    cell_means,
    convolution,
    folded,
    resized,
    unfolded,
)


@pytest.mark.parametrize("size", [(4, 6), (5, 7)])
@pytest.mark.parametrize("step", [1, 2, 4])
def test_what_is_folded_unfolds_to_itself(size, step) -> None:
    images = torch.randn(2, 3, *size)
    maps = folded(images, step)
    assert maps.shape == (2, 3 * step**2, -(-size[0] // step), -(-size[1] // step))
    assert torch.equal(unfolded(maps, step, size), images)


def test_means_of_cells_are_those_of_adaptive_pooling_where_they_divide() -> None:
    maps = torch.randn(2, 3, 8, 12)
    torch.testing.assert_close(cell_means(maps, 4), F.adaptive_avg_pool2d(maps, 4))
    assert cell_means(torch.randn(1, 1, 5, 7), 3).shape == (1, 1, 3, 3)


def test_blocks_keep_or_halve_the_sides() -> None:
    maps = torch.randn(2, 8, 9, 6)
    assert convolution(8, 4, dilation=2)(maps).shape == (2, 4, 9, 6)
    assert ResidualBlock(8, 8, dilation=3)(maps).shape == (2, 8, 9, 6)
    assert ResidualBlock(8, 12, stride=2)(maps).shape == (2, 12, 5, 3)
    assert resized(maps, (3, 4)).shape == (2, 8, 3, 4)


def test_the_context_reaches_everywhere() -> None:
    torch.manual_seed(0)
    block = PooledContext(48).eval()
    maps = torch.randn(1, 48, 7, 9, requires_grad=True)
    block(maps)[0, :, 0, 0].sum().backward()
    assert (maps.grad.abs().sum(1) > 0).all()
