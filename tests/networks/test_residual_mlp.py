"""Residual perceptron."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.residual_mlp import ResidualMLPConfig


def test_blocks_add_to_the_shortcut() -> None:
    trunk = ResidualMLPConfig(depth=2, width=8, normaliser="none", dropout=0.0).build(3)
    for block in trunk.blocks:
        torch.nn.init.zeros_(block[1].outer.weight)
        torch.nn.init.zeros_(block[1].outer.bias)
    features = torch.randn(5, 3)
    assert torch.equal(trunk(features), trunk.entrance(features))


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="Use the trunk 'perceptron'"):
        ResidualMLPConfig(depth=0)
