import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.base import SeriesSpec
from lamina.networks.forecasters.linear import LinearForecasterConfig


def test_answers_the_mean_of_each_series_at_first():
    model = LinearForecasterConfig().build(SeriesSpec(look_back=4, horizon=2, channels=2))
    past = torch.tensor([[[1.0, 2.0, 3.0, 6.0], [10.0, 10.0, 10.0, 50.0]]])
    answer = model(past, past.new_zeros(1, 6, 0))
    # (1 + 2 + 3 + 6) / 4 = 3 and (10 + 10 + 10 + 50) / 4 = 20 at both steps.
    assert answer[:, :, 0].tolist() == [[[3.0, 3.0], [20.0, 20.0]]]


def test_refuses_a_share_of_one():
    with pytest.raises(ConfigError, match="dropout"):
        LinearForecasterConfig(dropout=1.0)
