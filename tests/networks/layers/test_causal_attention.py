"""Attention that looks back only."""

import torch

from lamina.networks.layers import causal_attention
from lamina.networks.layers.attention import attend
from lamina.networks.layers.causal_attention import (
    CausalAttention,
    Memory,
    causal_mask,
    largest_score,
)


def _layer() -> CausalAttention:
    layer = CausalAttention(16, 2)
    torch.nn.init.normal_(layer.output.weight)
    return layer


def test_later_positions_do_not_matter() -> None:
    layer = _layer()
    sequence = torch.randn(2, 9, 16)
    changed = sequence.clone()
    changed[:, 5:] += 1.0
    before, after = layer(sequence), layer(changed)
    torch.testing.assert_close(before[:, :5], after[:, :5])
    assert (before[:, 5:] - after[:, 5:]).abs().min(dim=2).values.max() > 1e-3


def test_reading_in_pieces_is_reading_at_once() -> None:
    layer, memory = _layer(), Memory()
    sequence = torch.randn(2, 150, 16)
    pieces = [layer(piece, memory) for piece in sequence.split([1, 70, 1, 78], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, 1), layer(sequence), rtol=1e-4, atol=1e-5)
    assert memory.length == 150


def test_rows_of_a_memory_can_be_taken_over() -> None:
    layer, memory = _layer(), Memory()
    sequence, following = torch.randn(3, 4, 16), torch.randn(2, 1, 16)
    layer(sequence, memory)
    memory.select(torch.tensor([2, 2]))
    again = torch.cat([sequence[[2, 2]], following], 1)
    torch.testing.assert_close(layer(following, memory), layer(again)[:, -1:])


def test_no_score_exceeds_the_largest(monkeypatch) -> None:
    layer, seen = _layer(), []

    def noting(query, key, value, mask, *, largest):
        seen.append((query @ key.mT * query.shape[-1] ** -0.5).abs().max().item() / largest)
        return attend(query, key, value, mask, largest=largest)

    monkeypatch.setattr(causal_attention, "attend", noting)
    layer(torch.randn(2, 9, 16) * 1e3)
    with torch.no_grad():
        layer.query_key_value.weight[16:32] = layer.query_key_value.weight[:16]
    layer(torch.randn(2, 9, 16) * 1e3)
    assert seen[0] < 1 <= seen[1] + 1e-6, "keys like queries meet at the largest score"
    assert seen[1] < 1 + 1e-6
    assert largest_score(16) == 1.44 * 4


def test_the_mask_of_three_positions_after_two() -> None:
    mask = causal_mask(3, 2, torch.device("cpu"))
    assert mask is not None
    assert mask[0, 0].int().tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
    assert causal_mask(1, 7, torch.device("cpu")) is None
