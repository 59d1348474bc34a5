"""Transformer blocks."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.networks.layers.transformer_block import TransformerBlocksConfig


def test_parity_with_torch() -> None:
    stack = TransformerBlocksConfig(depth=1, width=16, num_heads=2, dropout=0.0).build().eval()
    reference = nn.TransformerEncoderLayer(
        16, 2, 64, 0.0, activation="gelu", batch_first=True, norm_first=True
    ).eval()
    block = stack.blocks[0]
    pairs = [
        (reference.norm1, block.attention_norm),
        (reference.norm2, block.feed_forward_norm),
        (reference.linear1, block.feed_forward.inner),
        (reference.linear2, block.feed_forward.outer),
        (reference.self_attn.out_proj, block.attention.output),
    ]
    for theirs, ours in pairs:
        theirs.load_state_dict(ours.state_dict())
    with torch.no_grad():
        reference.self_attn.in_proj_weight.copy_(block.attention.query_key_value.weight)
        reference.self_attn.in_proj_bias.copy_(block.attention.query_key_value.bias)
    sequence = torch.randn(3, 5, 16)
    wanted = stack.norm(reference(sequence))
    torch.testing.assert_close(stack(sequence), wanted, rtol=1e-4, atol=1e-5)


def test_later_blocks_are_skipped_more_often() -> None:
    stack = TransformerBlocksConfig(depth=4, stochastic_depth=0.4).build()
    rates = [block.skip.rate for block in stack.blocks]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="depth must be at least 1"):
        TransformerBlocksConfig(depth=0)
