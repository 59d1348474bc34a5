"""Activations."""

import math

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.networks.layers.activations import (
    ACTIVATIONS,
    ActivationLayer,
    activation,
    identity,
    quick_gelu,
    relu_squared,
    softmax,
)

NUMBERS = torch.linspace(-4, 4, 41)

MODULES = {
    "elu": nn.ELU(),
    "gelu": nn.GELU(),
    "gelu_tanh": nn.GELU(approximate="tanh"),
    "hardswish": nn.Hardswish(),
    "identity": nn.Identity(),
    "leaky_relu": nn.LeakyReLU(),
    "mish": nn.Mish(),
    "relu": nn.ReLU(),
    "selu": nn.SELU(),
    "sigmoid": nn.Sigmoid(),
    "silu": nn.SiLU(),
    "softmax": nn.Softmax(dim=-1),
    "softplus": nn.Softplus(),
    "tanh": nn.Tanh(),
}


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"relu_squared", "quick_gelu"}))
def test_parity_with_torch(name) -> None:
    torch.testing.assert_close(activation(name)(NUMBERS), MODULES[name](NUMBERS))
    torch.testing.assert_close(ActivationLayer(name)(NUMBERS), MODULES[name](NUMBERS))


def test_numbers_by_hand() -> None:
    assert relu_squared(torch.tensor([-2.0, 3.0])).tolist() == [0.0, 9.0]
    assert identity(NUMBERS) is NUMBERS
    assert softmax(torch.zeros(2, 4)).tolist() == [[0.25] * 4] * 2
    # 2 sigmoid(3.404) = 2 / (1 + e^-3.404)
    assert quick_gelu(torch.tensor(2.0)).item() == pytest.approx(2 / (1 + math.exp(-3.404)))
    # x Φ(x) with Φ(1) = (1 + erf(1/√2)) / 2
    wanted = (1 + math.erf(1 / math.sqrt(2))) / 2
    assert activation("gelu")(torch.tensor(1.0)).item() == pytest.approx(wanted, abs=1e-6)


def test_an_unknown_name_is_explained() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'gelu'"):
        activation("geluu")
