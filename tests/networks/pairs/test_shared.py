"""Shares of words that two texts have in common."""

import math

import pytest
import torch

from lamina.networks.pairs.shared import SharedWords

# Five words and two that follow each other in both, beside three words; 0 is padding.
FIRST = torch.tensor([[2, 3, 4, 5, 0], [1, 1, 0, 0, 0]])
SECOND = torch.tensor([[3, 4, 9], [1, 0, 0]])


def test_by_hand() -> None:
    seen = SharedWords(10, is_symmetric=False)
    found = seen(FIRST, SECOND)
    assert found.shape == (2, seen.out_features)
    # Two of four words, as they weigh alike, and one of three pairs; two of three, one of two.
    torch.testing.assert_close(found[0, :3], torch.tensor([1 / 2, 1 / 2, 1 / 3]))
    torch.testing.assert_close(found[0, 3:6], torch.tensor([2 / 3, 2 / 3, 1 / 2]))
    # What is not known is not the same, and a text without words shares nothing.
    assert found[1].tolist() == [0.0] * seen.out_features


def test_rare_words_weigh_more() -> None:
    seen = SharedWords(10, is_symmetric=False)
    seen.learn(torch.tensor([[2, 3], [2, 2], [2, 4]]))
    # Three texts: 2 stands in all of them, however often, 3 in one, 9 in none.
    common, rare, never = seen.rarity[2], seen.rarity[3], seen.rarity[9]
    unit = math.log(4) + 1
    expected = torch.tensor([1.0, math.log(2) + 1, math.log(4) + 1]) / unit
    torch.testing.assert_close(torch.stack((common, rare, never)), expected)
    found = seen(torch.tensor([[2, 3]]), torch.tensor([[3, 9]]))
    torch.testing.assert_close(found[0, 1], rare / (common + rare))
    # Words outside the vocabulary are told apart, and are as rare as what was never met.
    found = seen(torch.tensor([[12, 2]]), torch.tensor([[12, 13]]))
    torch.testing.assert_close(found[0, 1], never / (never + common))


@pytest.mark.parametrize("is_symmetric", [True, False])
def test_padding_changes_nothing_and_order_where_it_counts(is_symmetric) -> None:
    seen = SharedWords(10, is_symmetric=is_symmetric)
    found = seen(FIRST, SECOND)
    torch.testing.assert_close(seen(FIRST, torch.nn.functional.pad(SECOND, (0, 4))), found)
    assert torch.equal(seen(SECOND, FIRST), found) == is_symmetric
