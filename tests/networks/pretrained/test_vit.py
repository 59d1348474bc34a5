"""ViT from its published form."""

import pytest

from tests.networks.pretrained.made import SIDE, picture_difference

transformers = pytest.importorskip("transformers")


def test_equal_to_the_reference(tmp_path) -> None:
    config = transformers.ViTConfig(
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=40,
        image_size=SIDE,
        patch_size=16,
    )
    model = transformers.ViTModel(config)
    difference = picture_difference(model, tmp_path, lambda o: o.last_hidden_state[:, 0])
    assert difference < 1e-5
