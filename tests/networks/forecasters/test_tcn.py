import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.base import SeriesSpec
from lamina.networks.forecasters.tcn import TCNForecasterConfig


@pytest.mark.parametrize("look_back", [1, 5, 48])
def test_the_first_step_of_the_past_is_within_reach(look_back):
    spec = SeriesSpec(look_back=look_back, horizon=2, channels=1)
    model = TCNForecasterConfig(width=8, dropout=0.0).build(spec)
    past = torch.randn(1, 1, look_back, requires_grad=True)
    model(past, past.new_zeros(1, look_back + 2, 0)).sum().backward()
    assert past.grad is not None
    assert past.grad[0, 0, 0] != 0


def test_refuses_convolutions_of_one_step():
    with pytest.raises(ConfigError, match="kernel_size"):
        TCNForecasterConfig(kernel_size=1)
