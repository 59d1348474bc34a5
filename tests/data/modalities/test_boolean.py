"""Tests of the boolean modality."""

import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.boolean import Boolean


def fit(cells, role="input"):
    return Boolean.fit(pl.Series("b", cells), role=role, options=ModalityOptions())


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["yes", "No", "YES"], ("no", "yes")),
        ([True, False], ("false", "true")),
        ([1, 0], ("0", "1")),
        ([1.0, 0.0, None], ("0", "1")),
        (["male", "female"], ("female", "male")),
        (["t", "f"], ("f", "t")),
        (["yes"], ("no", "yes")),
    ],
)
def test_the_false_value_comes_first(cells, values):
    assert fit(cells).values == values


def test_input_ids():
    state = fit(["yes", "no"])
    encoded = state.encode(pl.Series(["no", " YES ", None, "?", "maybe", "1", "false"]))
    assert encoded.values[:, 0].tolist() == [1, 2, 0, 0, 0, 2, 1]
    assert state.input_spec("b").cardinalities == (3,)


def test_truth_values_come_back_and_words_keep_their_spelling():
    state = fit([True, False], role="target")
    encoded = state.encode(pl.Series([False, True, None]))
    assert encoded.values.tolist() == [0, 1, 0]
    assert encoded.failed.tolist() == [False, False, True]
    assert state.decode(encoded.values[:2]).to_list() == [False, True]
    words = fit(["Yes", "No", "Yes"], role="target")
    assert words.decode(words.encode(pl.Series(["no", "yes"])).values).to_list() == ["No", "Yes"]
    assert (words.levels, words.output_size) == (("No", "Yes"), 2)


def test_three_values_and_a_target_of_one_value_are_refused():
    with pytest.raises(DataError, match="3 values"):
        fit(["a", "b", "c"])
    with pytest.raises(DataError, match="no cell of 2"):
        fit([None, "?"])
    with pytest.raises(DataError, match="only the value 'true'"):
        fit([True, True], role="target")


def test_recognition():
    assert Boolean.recognise(pl.Series(["a", "b", "a"])).score == 0.95
    assert Boolean.recognise(pl.Series(["a", "b", "c"])).score == 0
    assert Boolean.recognise(pl.Series(["a", "b"]), role="target").score < 0.8
    assert Boolean.recognise(pl.Series([2.5, 7.0, 2.5])).score < 0.9
    assert Boolean.recognise(pl.Series([0.0, 1.0, None])).score == 0.95
    assert Boolean.recognise(pl.Series([True, None]), role="target").score == 0.95


def test_truth_values_written_as_floats_are_read_from_any_type():
    state = fit(["0.0", "1.0", "1.0"], role="target")
    assert (state.values, state.labels) == (("0", "1"), ("0.0", "1.0"))
    for cells in (["0.0", "1.0"], ["0", "1"], [0, 1], [0.0, 1.0], [False, True]):
        encoded = state.encode(pl.Series(cells))
        assert encoded.values.tolist() == [0, 1]
        assert not encoded.failed.any()
    assert state.decode(encoded.values).to_list() == ["0.0", "1.0"]
    older = Boolean.from_document(state.to_document() | {"values": ["0.0", "1.0"]})
    assert older.encode(pl.Series([0.0, 1.0])).values.tolist() == [0, 1]
