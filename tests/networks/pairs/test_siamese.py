"""Texts as a whole beside each other."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.pairs.siamese import SiameseConfig
from lamina.networks.text_cnn import TextCNNConfig
from tests.networks.specs import text_spec


def test_without_a_width_the_readers_features_are_compared() -> None:
    reader = TextCNNConfig().build(text_spec()).eval()
    compare = SiameseConfig(width=0).build(reader)
    first, second = torch.tensor([[3, 4]]), torch.tensor([[5, 6]])
    u, v = reader(first), reader(second)
    wanted = torch.cat([u, v, (u - v).abs(), u * v], dim=1)
    torch.testing.assert_close(compare(reader, first, second), wanted)
    assert not list(compare.parameters())


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="width must be at least 0"):
        SiameseConfig(width=-1)
    with pytest.raises(ConfigError, match="dropout"):
        SiameseConfig(dropout=1.0)
