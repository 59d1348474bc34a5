"""The residual network for series."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.series_resnet import SeriesResNetConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import series_spec


def test_it_keeps_the_contract() -> None:
    check_network(SeriesResNetConfig(widths=(8, 12)))


def test_without_its_convolutions_a_block_is_its_shortcut() -> None:
    torch.manual_seed(0)
    network = SeriesResNetConfig(widths=(6,)).build(series_spec()).eval()
    torch.nn.init.zeros_(network.stages[0].layers[-1].convolution.weight)
    series = torch.randn(3, 20, 1)
    valid = torch.ones(3, 1, 20, dtype=torch.bool)
    wanted = torch.relu(network.stages[0].shortcut(series.transpose(1, 2), valid)).mean(dim=2)
    torch.testing.assert_close(network(series), wanted)


@pytest.mark.parametrize("wrong", [{"widths": ()}, {"widths": (0,)}, {"scale": "all"}])
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        SeriesResNetConfig(**wrong)
