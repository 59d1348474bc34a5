"""Published Transformer blocks; their parity is tested with the pretrained networks."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.attention import SelfAttention
from lamina.networks.layers.classic_blocks import (
    CausalSelfAttention,
    ClassicBlocksConfig,
    PostNormBlock,
    PreNormBlock,
)

SMALL = ClassicBlocksConfig(depth=1, width=8, num_heads=2, dropout=0.0)
SEQUENCE = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(1))
VALID = torch.ones(2, 5, dtype=torch.bool)


def test_a_causal_position_sees_nothing_behind_it() -> None:
    torch.manual_seed(0)
    attention = CausalSelfAttention(8, 2)
    changed = SEQUENCE.clone()
    changed[:, 3] += 1.0
    before, after = attention(SEQUENCE, VALID), attention(changed, VALID)
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])


def test_normalised_after_and_before() -> None:
    torch.manual_seed(0)
    after = PostNormBlock(SMALL)(SEQUENCE, VALID)
    torch.testing.assert_close(after.mean(dim=2), torch.zeros(2, 5), atol=1e-5, rtol=0)
    before = PreNormBlock(SMALL, SelfAttention(8, 2))(SEQUENCE, VALID)
    assert before.mean(dim=2).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"depth": 0}, "depth"), ({"epsilon": 0}, "epsilon"), ({"num_heads": 7}, "num_heads")],
)
def test_wrong_settings_are_explained(settings, message) -> None:
    with pytest.raises(ConfigError, match=message):
        ClassicBlocksConfig(**settings)
