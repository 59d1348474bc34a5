"""Self-attention."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.layers.attention import SelfAttention, attend, check_heads


@pytest.mark.parametrize("masked", [True, False])
def test_parity_with_torch(masked) -> None:
    layer, reference = SelfAttention(16, 4), nn.MultiheadAttention(16, 4, batch_first=True)
    with torch.no_grad():
        reference.in_proj_weight.copy_(layer.query_key_value.weight)
        reference.in_proj_bias.copy_(layer.query_key_value.bias)
        reference.out_proj.weight.copy_(layer.output.weight)
        reference.out_proj.bias.copy_(layer.output.bias)
    sequence = torch.randn(3, 5, 16)
    valid = torch.arange(5) < torch.tensor([[5], [3], [1]]) if masked else None
    wanted, _ = reference(
        sequence, sequence, sequence, key_padding_mask=None if valid is None else ~valid
    )
    torch.testing.assert_close(layer(sequence, valid), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("masked", [True, False])
def test_the_plain_way_of_bfloat16_is_the_fused_one(masked) -> None:
    parts = torch.randn(3, 2, 4, 9, 16, generator=torch.Generator().manual_seed(0))
    valid = torch.arange(9) < torch.tensor([[9], [4]])
    mask = valid[:, None, None, :] if masked else None
    exact = [part.clone().requires_grad_() for part in parts]
    coarse = [part.bfloat16().requires_grad_() for part in parts]
    wanted = F.scaled_dot_product_attention(*exact, attn_mask=mask)
    found = attend(*coarse, mask)
    torch.testing.assert_close(found.float(), wanted, rtol=0.05, atol=0.05)
    wanted.square().sum().backward()
    found.square().sum().backward()
    for one, other in zip(coarse, exact, strict=True):
        torch.testing.assert_close(one.grad.float(), other.grad, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("largest", [0.5, 8.0, 40.0])
def test_in_graphs_places_are_hidden_by_what_no_score_makes_up_for(largest, monkeypatch) -> None:
    size = (largest / 2) ** 0.5
    query = torch.full((1, 1, 3, 4), size)
    key = torch.stack([-torch.ones(4), torch.ones(4)])[None, None] * size
    value = torch.tensor([[1.0], [1e9]])[None, None]
    mask = torch.tensor([[[[True, False]]]])
    scores = (query @ key.mT * 4**-0.5).unique()
    torch.testing.assert_close(scores, torch.tensor([-largest, largest]))
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
    found = attend(query, key, value, mask, largest=largest)
    torch.testing.assert_close(found, torch.ones(1, 1, 3, 1), rtol=1.1e9 * math.exp(-30), atol=0)


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"got 5 heads for width 12\. Use 4\."):
        check_heads(12, 5)
