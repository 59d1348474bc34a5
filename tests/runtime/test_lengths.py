"""Rows of about one length go together, and every row comes back once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.runtime.function import Function
from lamina.runtime.lengths import LEAST_ROWS, MOST_PADDING, groups
from tests.runtime import made


def _texts(lengths) -> np.ndarray:
    values = np.zeros((len(lengths), max(1, *lengths)), dtype=np.int64)
    for row, length in enumerate(lengths):
        values[row, :length] = row + 1
    return values


def test_two_lengths_are_two_groups() -> None:
    values = _texts([3, 10] * LEAST_ROWS)
    found = list(groups({"x": values, "n": np.arange(2 * LEAST_ROWS)}, ["x"]))
    assert [own["x"].shape for _, own in found] == [(LEAST_ROWS, 3), (LEAST_ROWS, 10)]
    assert [rows.tolist() for rows, _ in found] == [
        list(range(0, 2 * LEAST_ROWS, 2)),
        list(range(1, 2 * LEAST_ROWS, 2)),
    ]
    assert [own["n"].tolist() for _, own in found] == [rows.tolist() for rows, _ in found]


def test_few_rows_and_inputs_without_texts_stay_as_they_are() -> None:
    few = {"x": _texts([1, 9] * (LEAST_ROWS - 1))}
    assert [rows for rows, _ in groups(few, ["x"])] == [None]
    numbers = {"n": np.zeros((99, 2))}
    assert list(groups(numbers, [])) == [(None, numbers)]


def test_words_series_and_sounds_end_where_padding_begins() -> None:
    count = 2 * LEAST_ROWS
    lengths = np.array([2, 9] * LEAST_ROWS)
    words = np.zeros((count, 9, 2), dtype=np.int64)
    steps = np.full((count, 9, 3), np.nan, dtype=np.float32)
    for row, length in enumerate(lengths):
        # A number that is 0, a channel and a step that are missing: neither ends the row.
        words[row, :length, 1] = 7
        steps[row, :length, 1] = 1.0
        steps[row, 0] = np.nan
    for values in (words, steps, steps[:, :, 1]):
        found = list(groups({"x": values}, ["x"]))
        assert [own["x"].shape[:2] for _, own in found] == [(LEAST_ROWS, 2), (LEAST_ROWS, 9)]
        for rows, own in found:
            np.testing.assert_array_equal(own["x"], values[rows][:, : own["x"].shape[1]])


def test_rows_of_one_length_stay_together_as_they_are() -> None:
    whole = {"x": np.ones((99, 30), dtype=np.float32)}
    ((rows, own),) = groups(whole, ["x"])
    assert rows is None
    assert own is whole
    nothing = {"x": np.full((99, 30), np.nan)}
    assert [rows for rows, _ in groups(nothing, ["x"])] == [None]


@given(st.lists(st.integers(0, 40), min_size=2 * LEAST_ROWS, max_size=120))
def test_every_row_comes_once_with_all_its_tokens(lengths) -> None:
    values, other = _texts(lengths), _texts(lengths[::-1])
    found = list(groups({"x": values, "y": other}, ["x", "y"]))
    if found[0][0] is None:
        # All are about as long as each other.
        total = np.add(lengths, lengths[::-1])
        assert len(found) == 1
        assert max(total) <= MOST_PADDING * max(1, min(total))
        return
    assert sorted(np.concatenate([rows for rows, _ in found])) == list(range(len(lengths)))
    for rows, own in found:
        assert len(rows) >= LEAST_ROWS
        for name, whole in (("x", values), ("y", other)):
            width = own[name].shape[1]
            assert width >= 1
            np.testing.assert_array_equal(own[name], whole[rows][:, :width])
            assert not whole[rows][:, width:].any()


def test_a_large_group_holds_lengths_that_differ_little() -> None:
    values = _texts(list(range(1, 201)))
    for _, own in groups({"x": values}, ["x"]):
        lengths = np.count_nonzero(own["x"], axis=1)
        # The last group takes in what would be too few for one of their own.
        is_least = LEAST_ROWS <= len(lengths) < 2 * LEAST_ROWS
        assert is_least or lengths.max() <= MOST_PADDING * lengths.min()


@pytest.mark.parametrize("count", [1, 40, 300])
def test_a_function_answers_each_text_as_if_it_were_alone(count) -> None:
    seen = []

    def graph(inputs):
        ids = inputs["text"]
        seen.append(ids.shape)
        yes = np.count_nonzero(ids, axis=1) / 100
        return np.stack([1 - yes, yes], axis=1)

    function = Function(made.text_document(), graph, identity="")
    rows = [{"t": "a " * (1 + row % 50)} for row in range(count)]
    found = function.values(rows)
    np.testing.assert_allclose(found[:, 1], [(1 + row % 50) / 100 for row in range(count)])
    assert sum(rows for rows, _ in seen) == count
    assert (len(seen) > 1) == (count > 1)
