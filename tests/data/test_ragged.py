"""Tests of rows of different lengths."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from lamina.data.ragged import concatenate, ragged_from_lists

LISTS = st.lists(st.lists(st.integers(1, 99), max_size=6), min_size=1, max_size=8)


def padded(rows, max_length=None):
    rows = [row[:max_length] for row in rows]
    width = max(1, *(len(row) for row in rows)) if rows else 1
    return [row + [0] * (width - len(row)) for row in rows]


@given(LISTS, st.data())
def test_select_pads_like_a_plain_loop(rows, data):
    index = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=9))
    max_length = data.draw(st.none() | st.integers(1, 7))
    found = ragged_from_lists(rows).select(torch.tensor(index), max_length=max_length)
    assert found.dtype == torch.int64
    assert found.tolist() == padded([rows[i] for i in index], max_length)


@given(LISTS, LISTS)
def test_concatenate_gives_the_rows(first, second):
    both = concatenate([ragged_from_lists(first), ragged_from_lists(second)])
    assert both.lengths.tolist() == [len(row) for row in first + second]
    assert both.select(torch.arange(len(both))).tolist() == padded(first + second)


def test_an_empty_selection_is_one_wide():
    ragged = ragged_from_lists([[], [1]])
    assert ragged.select(torch.tensor([], dtype=torch.int64)).shape == (0, 1)
    assert ragged.select(torch.tensor([0])).tolist() == [[0]]
    assert ragged.to(torch.device("cpu")).lengths.tolist() == [0, 1]
