"""Words are read as in training."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.runtime.modalities.words import (
    NUM_LETTERS,
    SHAPES,
    WordsReader,
    form_of,
    seen_letters,
    shape_of,
    words_of,
)
from tests.runtime.modalities.states import assert_reads_the_same, fitted

STATE = fitted(
    "words", pl.Series("x", [["EU", "rejects", "the", "call", "."], ["the", "EU", "2nd"]])
)
WORDS = st.sampled_from(["EU", "the", "The", "", "1996-08-22", "भारत", "🙂", "x" * 5000])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.lists(st.none() | WORDS | st.text(max_size=5), max_size=6)))
def test_any_lists(cells) -> None:
    assert_reads_the_same(STATE, pl.Series("x", cells, dtype=pl.List(pl.String)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.text(max_size=30), min_size=1, max_size=6))
def test_any_texts(cells) -> None:
    assert_reads_the_same(STATE, pl.Series("x", cells, dtype=pl.String))


def test_other_cells() -> None:
    assert_reads_the_same(STATE, pl.Series("x", [1, 2, None]))
    assert_reads_the_same(STATE, pl.Series("x", [[1, 2], [3]]))


def test_a_long_sentence_is_refused() -> None:
    state = fitted("words", pl.Series("x", [["a", "b"]]), max_length=3)
    assert_reads_the_same(state, pl.Series("x", [["a"] * 3, ["a"] * 4, []]))
    errors = WordsReader(["a"], ["a"], 3).read([["a"] * 4, [], None]).errors
    assert errors[0] == ("the sentence has 4 words, and 3 are read at most: cut it into sentences")
    assert errors[1] == errors[2] == "the sentence has no words"


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("call", "small"),
        ("EU", "CAPITALS"),
        ("A", "Capitalised"),
        ("London", "Capitalised"),
        ("McDonald", "miXed"),
        ("1996-08", "number"),
        ("2nd", "w1th digits"),
        ("...", "mark"),
        ("", "mark"),
        ("été", "small"),
        ("भारत", "small"),
    ],
)
def test_shapes(word, shape) -> None:
    assert SHAPES[shape_of(word)] == shape


def test_forms_and_letters() -> None:
    assert form_of("Apr-15") == "apr-00"
    assert len(form_of("x" * 1_000_000)) == 200
    assert seen_letters("short") == "short"
    assert seen_letters("abcdefghij" + "-" * 500 + "0123456789") == "abcdefghij0123456789"
    assert len(seen_letters("x" * 1_000_000)) == NUM_LETTERS


def test_texts_are_cut_at_blanks_and_marks_at_the_ends_of_words() -> None:
    found = words_of('The "U.N." (in New York) calls Mr. Smith: no comment, again.')
    assert found == [
        *("The", '"', "U.N.", '"', "(", "in", "New", "York", ")", "calls", "Mr.", "Smith", ":"),
        *("no", "comment", ",", "again", "."),
    ]
    assert words_of(None) is None
    assert words_of("  ") == []
    assert words_of("...") == ["..."]
