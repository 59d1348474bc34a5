"""Feed-forward layers."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.layers.feed_forward import (
    FeedForwardConfig,
    GatedFeedForwardConfig,
    hidden_width,
)


def test_the_gate_by_its_formula() -> None:
    layer = GatedFeedForwardConfig(ratio=2.0).build(4)
    inputs = torch.randn(3, 4)
    gate, value = layer.inner(inputs)[:, :8], layer.inner(inputs)[:, 8:]
    torch.testing.assert_close(layer(inputs), layer.outer(F.silu(gate) * value))


def test_a_gate_costs_no_more() -> None:
    plain = sum(p.numel() for p in FeedForwardConfig().build(96).parameters())
    gated = sum(p.numel() for p in GatedFeedForwardConfig().build(96).parameters())
    assert abs(gated - plain) / plain < 0.01


def test_settings() -> None:
    assert hidden_width(3, 0.1) == 1
    with pytest.raises(ConfigError, match="ratio must be above 0"):
        FeedForwardConfig(ratio=0.0)
