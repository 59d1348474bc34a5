"""Multi-layer perceptron."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.networks.mlp import MLPConfig


def test_it_is_torchs_stack_of_layers() -> None:
    trunk = MLPConfig(depth=2, width=8).build(3)
    reference = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU())
    reference.load_state_dict(trunk.layers.state_dict())
    features = torch.randn(5, 3)
    assert torch.equal(trunk(features), reference(features))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 0}, "Use the trunk 'perceptron'"),
        ({"dropout": 1.5}, r"dropout must be in \[0, 1\), got 1\.5"),
    ],
)
def test_wrong_settings_are_explained(settings, message) -> None:
    with pytest.raises(ConfigError, match=message):
        MLPConfig(**settings)


def test_an_unknown_activation_is_explained() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'relu'"):
        MLPConfig(activation="rleu").build(3)
