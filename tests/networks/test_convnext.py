"""ConvNeXt; its parity is tested in pretrained/test_convnext.py."""

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.convnext import ConvNeXtConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import image_spec

CONFIG = ConvNeXtConfig(depths=(1, 2), widths=(8, 12), stochastic_depth=0.1, layer_scale=0.5)


def test_keeps_the_contract() -> None:
    check_network(CONFIG)


def test_layers_are_the_stem_the_stages_and_the_norm() -> None:
    assert len(CONFIG.build(image_spec()).layers_in_order()) == 4


@pytest.mark.parametrize("settings", [{"depths": (1,)}, {"widths": ()}, {"patch_size": 0}])
def test_wrong_settings_are_explained(settings) -> None:
    with pytest.raises(ConfigError, match="depths and widths"):
        ConvNeXtConfig(**settings)


def test_too_small_pictures_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 32 pixels"):
        ConvNeXtConfig().build(image_spec(3, 16))
