"""Periodic embeddings of numbers."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.hints import parameter_hints
from lamina.networks.number_periodic import NumberPeriodicConfig
from tests.networks.specs import number_spec


def test_numbers_by_hand() -> None:
    encoder = NumberPeriodicConfig(num_waves=1, width=2).build(number_spec(1, (False,)))
    with torch.no_grad():
        encoder.frequency.fill_(0.25)
        encoder.phase.zero_()
        encoder.weight.fill_(3.0)
        encoder.bias.fill_(0.5)
    # cos(2π · 0.25 · 1) = 0, so 3 · 0 + 0.5; cos(2π · 0.25 · 2) = -1, so 3 · -1 + 0.5.
    features = encoder(torch.tensor([[1.0], [2.0]]))
    torch.testing.assert_close(features, torch.tensor([[1.0, 0.5], [2.0, -2.5]]))


def test_blocks_name_the_columns_then_the_indicators() -> None:
    encoder = NumberPeriodicConfig().build(number_spec(2, (True, False)))
    assert encoder.blocks() == (4, 4, 1)
    assert encoder(torch.tensor([[float("nan"), 1.0]]))[0, -1] == 1.0


def test_the_rate_is_a_hint() -> None:
    encoder = NumberPeriodicConfig(rate=0.1).build(number_spec(2))
    assert {hint.rate for hint in parameter_hints(encoder).values()} == {0.1}


def test_a_wrong_width_is_explained() -> None:
    with pytest.raises(ConfigError, match="width must be at least 2"):
        NumberPeriodicConfig(width=1)
