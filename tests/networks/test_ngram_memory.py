"""Counts of runs of tokens."""

import math

import pytest
import torch

from lamina.networks.ngram_memory import NgramMemory

TEXTS = torch.tensor([[2, 5, 6, 0], [2, 5, 7, 6], [2, 5, 6, 6]])


def _memory(order):
    memory = NgramMemory(order)
    memory.learn(TEXTS)
    return memory


def _share(memory, before, token):
    return math.exp(memory.table().log_probability(before, token))


def test_single_tokens_are_counted_by_hand() -> None:
    # 5 three times, 6 four times, 7 once, three ends: 11 tokens of 4 kinds, 5 possible.
    memory = _memory(1)
    for token, count in ((5, 3), (6, 4), (7, 1), (0, 3)):
        assert _share(memory, [], token) == pytest.approx((count + 4 * 0.2) / 15)


def test_longer_runs_lean_on_shorter_ones() -> None:
    memory, single = _memory(2), _memory(1)
    # After 5: 6 twice, 7 once; two kinds.
    for token, count in ((6, 2), (7, 1), (5, 0)):
        wanted = (count + 2 * _share(single, [], token)) / 5
        assert _share(memory, [5], token) == pytest.approx(wanted)
    assert _share(memory, [99], 6) == pytest.approx(_share(single, [], 6))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("before", [[], [2], [2, 5], [2, 5, 6], [7, 6]])
def test_all_that_can_follow_adds_up_to_one(order, before) -> None:
    memory = _memory(order)
    # The mark is no answer, yet it has its share of what was never seen.
    total = sum(_share(memory, before, token) for token in (0, 2, 5, 6, 7))
    assert total == pytest.approx(1.0)


def test_what_was_learnt_before_is_forgotten_and_kept_in_a_file() -> None:
    memory, other = _memory(3), NgramMemory(3)
    other.learn(torch.tensor([[2, 9, 9]]))
    other.learn(TEXTS)
    loaded = NgramMemory(3)
    loaded.load_state_dict(memory.state_dict())
    for one in (other, loaded):
        assert _share(one, [2, 5], 6) == _share(memory, [2, 5], 6)
