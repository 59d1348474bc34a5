"""InceptionTime."""

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.inception_time import InceptionTimeConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import series_spec


def test_it_keeps_the_contract() -> None:
    check_network(InceptionTimeConfig(depth=4, width=4, kernel_sizes=(9, 5, 3)))


def test_every_third_module_has_a_shortcut() -> None:
    network = InceptionTimeConfig().build(series_spec(channels=3))
    assert len(network.layers) == 6
    assert [one.convolution.in_channels for one in network.shortcuts] == [3, 128]
    assert network.out_features == 128


def test_a_single_channel_is_not_narrowed_first() -> None:
    network = InceptionTimeConfig().build(series_spec())
    assert network.layers[0].narrow is None
    assert network.layers[1].narrow is not None


@pytest.mark.parametrize(
    "wrong", [{"depth": 0}, {"width": 0}, {"kernel_sizes": (0,)}, {"scale": "all"}]
)
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        InceptionTimeConfig(**wrong)
