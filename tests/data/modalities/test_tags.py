"""Tests of the tags modality."""

import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.tags import Tags


def fit(column, role="target", **options):
    return Tags.fit(column, role=role, options=ModalityOptions(**options))


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("g", [["b", "a"], [], None, ["c"]]),
        pl.Series("g", ["b|a", "", None, "c"]),
        pl.Series("g", ["['b', 'a']", "[]", None, "['c']"]),
    ],
)
def test_labels_of_lists_and_joined_text(column):
    state = fit(column)
    encoded = state.encode(column)
    assert state.levels == ("a", "b", "c")
    assert encoded.values.tolist()[0] == [1, 1, 0]
    assert encoded.values.tolist()[3] == [0, 0, 1]
    assert encoded.values.dtype == torch.float32
    assert encoded.failed.tolist() == [False, False, True, False]


def test_decoding_keeps_the_form_of_the_cells():
    scores = torch.tensor([[0.9, 0.2], [0.6, 0.5], [0.0, 0.1]])
    lists = fit(pl.Series([["x"], ["y"]]))
    assert lists.decode(scores).to_list() == [["x"], ["x", "y"], []]
    joined = fit(pl.Series(["x;y", "y"]))
    assert joined.decode(scores).to_list() == ["x", "x;y", ""]


def test_an_input_keeps_its_most_frequent_labels_and_knows_missing():
    column = pl.Series([["a", "b"], ["a", "b"], ["a", "c"]])
    state = fit(column, role="input", max_labels=2)
    assert state.levels == ("a", "b")
    assert state.encode(
        pl.Series([None, ["z"]], dtype=pl.List(pl.String))
    ).values.isnan().tolist() == [
        [True, True],
        [False, False],
    ]
    assert state.input_spec("g").shape == (2,)


def test_recognition():
    genres = pl.Series(["drama|crime", "comedy", "drama", "crime|comedy", "comedy|drama"] * 6)
    assert Tags.recognise(genres).score > 0.85
    assert Tags.recognise(pl.Series([["a"], ["b"]])).score > 0.9
    names = pl.Series([f"Smith{i}, Mr. John{i}" for i in range(30)])
    assert Tags.recognise(names).score == 0
    assert Tags.recognise(pl.Series(["1,5", "2,5", "3,5"] * 20)).score == 0
    assert Tags.recognise(pl.Series(["yes", "no"] * 20)).score == 0


def test_no_labels_are_refused():
    with pytest.raises(DataError, match="no cell of 2"):
        fit(pl.Series([[], None], dtype=pl.List(pl.String)))


def test_only_brackets_around_the_whole_cell_are_left_off():
    assert fit(pl.Series(["jazz (free)|rock", "(rock)"])).levels == ("jazz (free)", "rock")
    assert fit(pl.Series(["['jazz (free)', 'rock']"])).levels == ("jazz (free)", "rock")
    assert fit(pl.Series(["{'rock', 'pop'}"])).levels == ("pop", "rock")
    assert fit(pl.Series(["(a) (b)|c"])).levels == ("(a) (b)", "c")
