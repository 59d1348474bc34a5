"""The published Vision Transformer; its parity is tested in pretrained/test_vit.py."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.networks.vit_original import OriginalViTConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import image_spec

CONFIG = OriginalViTConfig(
    blocks=ClassicBlocksConfig(depth=1, width=16, num_heads=2, dropout=0.0), patch_size=8
)


def test_keeps_the_contract() -> None:
    check_network(CONFIG)


def test_places_matter_and_layers_are_in_order() -> None:
    network = CONFIG.build(image_spec(1, 16)).eval()
    pictures = torch.zeros(1, 1, 16, 16, dtype=torch.uint8)
    pictures[:, :, :8] = 255
    assert not torch.allclose(network(pictures), network(pictures.flip(2)), atol=1e-5)
    assert [type(layer).__name__ for layer in network.layers_in_order()] == [
        "_Embeddings",
        "PreNormBlock",
        "LayerNorm",
    ]


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="patch_size must be at least 1"):
        OriginalViTConfig(patch_size=0)
    with pytest.raises(ConfigError, match="at least 8 pixels"):
        CONFIG.build(image_spec(1, 4))
