"""Attention from one sequence to another."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.layers.causal_attention import SHARPNESS
from lamina.networks.layers.cross_attention import CrossAttention


def _layer():
    torch.manual_seed(0)
    layer = CrossAttention(8, 2)
    torch.nn.init.normal_(layer.output.weight)
    return layer


def test_it_is_the_equation_written_out() -> None:
    layer, sequence, other = _layer(), torch.randn(1, 3, 8), torch.randn(1, 5, 8)
    valid = torch.tensor([[True, True, True, True, False]])
    key, value = layer.project(other)
    rows = []
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        query = F.rms_norm(layer.query(sequence)[0, :, part], (4,)) * SHARPNESS
        own = F.rms_norm(layer.key_value(other)[0, :4, part], (4,)) * SHARPNESS
        shares = (query @ own.T / 2.0).softmax(1)
        rows.append(shares @ layer.key_value(other)[0, :4, 8:][:, part])
    wanted = layer.output(torch.cat(rows, dim=1))
    torch.testing.assert_close(layer(sequence, key, value, valid)[0], wanted, rtol=1e-4, atol=1e-5)


def test_shares_add_up_to_one_over_what_is_valid() -> None:
    layer, sequence, other = _layer(), torch.randn(2, 3, 8), torch.randn(2, 4, 8)
    valid = torch.tensor([[True, True, False, False], [True, True, True, True]])
    shares = layer.shares_between(sequence, layer.project(other)[0], valid)
    assert shares.shape == (2, 2, 3, 4)
    torch.testing.assert_close(shares.sum(3), torch.ones(2, 2, 3))
    assert shares[0, :, :, 2:].abs().max() == 0


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ConfigError, match="num_heads"):
        CrossAttention(8, 3)
