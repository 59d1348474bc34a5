"""The table of feed-forward layers."""

import pytest
import torch

from lamina.networks.layers.feed_forwards import FEED_FORWARDS


@pytest.mark.parametrize("name", FEED_FORWARDS)
@pytest.mark.parametrize("shape", [(3, 8), (3, 5, 8)])
def test_shapes_stay(name, shape) -> None:
    assert FEED_FORWARDS[name].value().build(8)(torch.randn(shape)).shape == shape
