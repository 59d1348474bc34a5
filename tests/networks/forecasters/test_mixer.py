import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.mixer import MixerForecasterConfig
from tests.networks.forecasters.made import SPEC, samples


def test_is_a_linear_forecast_at_first_and_mixes_later():
    model = MixerForecasterConfig(width=8, dropout=0.0).build(SPEC)
    inputs = samples()
    past, known = inputs["past"].nan_to_num().transpose(1, 2), inputs["known"]
    at_first = model(past, known)
    assert torch.allclose(at_first[:, :, 0, 0], past.mean(dim=2)[:, :3], atol=1e-5)
    torch.nn.init.normal_(model.view.weight)
    mixed = model(past, known)
    moved = past.clone()
    moved[:, 0] += 1.0
    change = (model(moved, known) - mixed).abs().amax((0, 2, 3))
    assert (change > 1e-6).all()  # all series see the first one


def test_refuses_heads_that_do_not_divide():
    with pytest.raises(ConfigError, match="num_heads"):
        MixerForecasterConfig(width=10, num_heads=4)
