"""Transformer encoder of texts."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.transformer import TransformerConfig
from tests.networks.specs import text_spec

BLOCKS = TransformerBlocksConfig(depth=1, width=16, num_heads=2, dropout=0.0)


@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_the_order_of_words_matters(positions) -> None:
    torch.manual_seed(0)
    network = TransformerConfig(blocks=BLOCKS, positions=positions).build(text_spec()).eval()
    with torch.no_grad():
        network.embedding.words.weight.mul_(50.0)
    first, second = network(torch.tensor([[3, 4, 5]])), network(torch.tensor([[5, 3, 4]]))
    assert (first - second).abs().max() > 1e-3


def test_a_text_longer_than_the_learned_positions_works() -> None:
    config = TransformerConfig(blocks=BLOCKS, positions="learned", max_length=4)
    network = config.build(text_spec())
    assert network(torch.ones(1, 9, dtype=torch.int64)).isfinite().all()


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="num_heads must divide the width"):
        TransformerConfig(blocks=TransformerBlocksConfig(width=10, num_heads=4))
