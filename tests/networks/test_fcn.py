"""The fully convolutional network for series."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.fcn import FCNConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import series_spec


def test_it_keeps_the_contract() -> None:
    check_network(FCNConfig(widths=(8, 12, 8)))


def test_it_has_the_published_number_of_weights() -> None:
    # Filters 8 x 1 x 128, 5 x 128 x 256 and 3 x 256 x 128, and two numbers per normalised channel.
    network = FCNConfig().build(series_spec())
    wanted = 8 * 128 + 5 * 128 * 256 + 3 * 256 * 128 + 2 * (128 + 256 + 128)
    assert sum(parameter.numel() for parameter in network.parameters()) == wanted


def test_where_in_the_series_something_happens_does_not_count() -> None:
    torch.manual_seed(0)
    network = FCNConfig(widths=(8, 12, 8)).build(series_spec()).eval()
    early, late = torch.zeros(1, 60, 1), torch.zeros(1, 60, 1)
    early[0, 20:25] = 1.0
    late[0, 35:40] = 1.0
    torch.testing.assert_close(network(early), network(late))


@pytest.mark.parametrize(
    "wrong", [{"widths": ()}, {"kernel_sizes": (3,)}, {"widths": (0, 1, 1)}, {"scale": "all"}]
)
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        FCNConfig(**wrong)
