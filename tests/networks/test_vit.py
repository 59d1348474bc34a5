"""Vision Transformer."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.vit import ViTConfig
from tests.networks.specs import image_spec

BLOCKS = TransformerBlocksConfig(depth=1, width=16, num_heads=2, dropout=0.0)


@pytest.mark.parametrize("side", [4, 16, 17])
def test_patches_need_not_tile_the_picture(side) -> None:
    network = ViTConfig(blocks=BLOCKS).build(image_spec(1, side))
    pictures = torch.randint(0, 256, (2, 1, side, side), dtype=torch.uint8)
    assert network(pictures).shape == (2, 16)


def test_places_matter() -> None:
    network = ViTConfig(blocks=BLOCKS).build(image_spec(1, 8)).eval()
    pictures = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    pictures[:, :, :4] = 255
    assert not torch.allclose(network(pictures), network(pictures.flip(2)), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"patch_size": 0}, "patch_size must be at least 1"),
        ({"blocks": TransformerBlocksConfig(width=6, num_heads=2)}, "multiple of 4"),
    ],
)
def test_wrong_settings_are_explained(settings, message) -> None:
    with pytest.raises(ConfigError, match=message):
        ViTConfig(**settings)
