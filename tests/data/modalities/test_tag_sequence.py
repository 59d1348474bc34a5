"""Tests of tags of words."""

import itertools

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import BundleError, DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.tag_sequence import TagSequence
from lamina.data.schema import recognise

SPANS = pl.Series("t", [["B-LOC", "I-LOC", "O"], ["O", "B-PER", "O"]])
PLAIN = pl.Series("t", [["DT", "NN", "VB"], ["NN", "NN"]])


def fit(column):
    return TagSequence.fit(column, role="target", options=ModalityOptions())


def again(state, *cells):
    """Return cells as they come out again."""
    rows = state.encode(pl.Series("t", cells, dtype=pl.List(pl.String))).values
    ends = rows.offsets.tolist()
    values = rows.values.tolist()
    return [[state.names[i] for i in values[a:b]] for a, b in itertools.pairwise(ends)]


def test_tags_have_beginning_and_inside_of_each_kind() -> None:
    assert fit(SPANS).tags == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert fit(PLAIN).tags == ("NN", "DT", "VB")
    assert fit(SPANS).output_size == 6


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        # IOB1: "B-" only where a span follows another of its kind.
        (["I-PER", "I-PER", "B-PER", "I-LOC", "O"], ["B-PER", "I-PER", "B-PER", "B-LOC", "O"]),
        # BIOES and BILOU.
        (["B-LOC", "E-LOC", "E-LOC", "S-LOC", "O"], ["B-LOC", "I-LOC", "B-LOC", "B-LOC", "O"]),
        (["B-PER", "I-PER", "L-PER", "U-PER"], ["B-PER", "I-PER", "I-PER", "B-PER"]),
        (["O", "I-LOC", "I-PER"], ["O", "B-LOC", "B-PER"]),
        (["B-LOC", "I-LOC", "I-LOC"], ["B-LOC", "I-LOC", "I-LOC"]),
    ],
)
def test_every_way_to_mark_spans_becomes_one(written, wanted) -> None:
    assert again(fit(SPANS), written) == [wanted]


def test_a_span_ends_with_its_sentence() -> None:
    assert again(fit(SPANS), ["B-LOC"], [], ["I-LOC"]) == [["B-LOC"], [], ["B-LOC"]]


def test_what_training_never_showed_counts_and_is_never_answered() -> None:
    state = fit(SPANS)
    assert again(state, ["B-FOOD", "I-FOOD", "I-LOC", "x"]) == [["B-?", "I-?", "B-LOC", "B-?"]]
    assert again(fit(PLAIN), ["NN", "XX"]) == [["NN", "?"]]
    assert state.follows().shape == (6, 6)


def test_the_inside_stands_behind_its_own_kind_only() -> None:
    allowed = fit(SPANS).follows()
    names = fit(SPANS).names
    for before, own in np.ndindex(6, 6):
        is_fine = not names[own].startswith("I-") or names[before][2:] == names[own][2:]
        assert allowed[before, own] == is_fine, (names[before], names[own])
    assert fit(PLAIN).follows().all()


def test_missing_and_empty_cells_fail() -> None:
    encoded = fit(SPANS).encode(pl.Series("t", [None, [], ["O"]], dtype=pl.List(pl.String)))
    assert encoded.failed.tolist() == [True, True, False]


def test_numbers_may_be_tags() -> None:
    numbers = pl.Series("y", [[0.0, 3.0, 0.0], [1.0, 0.0], None])
    assert recognise(numbers, role="target")[0] == "tag_sequence"
    assert recognise(numbers)[0] == "series"
    state = fit(numbers)
    assert state.tags == ("0", "1", "3")
    encoded = state.encode(numbers)
    assert encoded.values.values.tolist() == [1, 3, 1, 2, 1]
    assert encoded.failed.tolist() == [False, False, True]
    assert recognise(pl.Series("y", [[0.5, 1.5], [2.5, 3.5]]), role="target")[0] == ""


def test_recognition() -> None:
    assert recognise(SPANS, role="target")[0] == "tag_sequence"
    assert recognise(PLAIN.alias("y"), role="target")[0] == "tag_sequence"
    assert recognise(pl.Series("y", [["a", "b"], ["b"], ["a"]]), role="target")[0] == "tags"
    # Beside the words that are an input, tags are no further input.
    assert recognise(SPANS)[0] == "tag_sequence"
    assert recognise(PLAIN.alias("pos"))[0] == "tag_sequence"


def test_what_cannot_be_tags_is_explained() -> None:
    with pytest.raises(DataError, match="predicted and not read"):
        TagSequence.fit(SPANS, role="input", options=ModalityOptions())
    with pytest.raises(DataError, match="holds no blanks"):
        fit(pl.Series("t", [["first name", "O"]]))
    with pytest.raises(DataError, match="more than 1,000"):
        fit(pl.Series("t", [[f"t{n}" for n in range(1001)]]))


def test_spans_of_a_damaged_file_are_refused() -> None:
    with pytest.raises(BundleError, match="beginning and inside"):
        TagSequence.from_document({"tags": ["O", "B-x"], "marks_spans": True})
