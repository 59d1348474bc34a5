import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.base import SeriesSpec
from lamina.networks.forecasters.patch_transformer import PatchForecasterConfig


@pytest.mark.parametrize("look_back", [5, 16, 37])
def test_every_step_counts_however_long_the_past(look_back):
    spec = SeriesSpec(look_back=look_back, horizon=2, channels=2)
    model = PatchForecasterConfig().build(spec).eval()
    past = torch.randn(1, 2, look_back, requires_grad=True)
    model(past, past.new_zeros(1, look_back + 2, 0))[:, 0].sum().backward()
    assert past.grad is not None
    assert (past.grad[0, 0] != 0).all()
    assert (past.grad[0, 1] == 0).all()  # each series is read by itself


def test_refuses_gaps_between_patches():
    with pytest.raises(ConfigError, match="stride"):
        PatchForecasterConfig(patch=8, stride=9)
