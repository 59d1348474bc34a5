"""Tests of the modality of words."""

import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.core.spelling import ids_beyond
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.table import MODALITIES
from lamina.data.modalities.words import Words, as_lists
from lamina.data.schema import recognise

SENTENCES = pl.Series("s", [["The", "cat", "saw", "the", "cat"], ["A", "dog", "saw", "1996"]])


def fit(column, **options):
    return Words.fit(column, role="input", options=ModalityOptions(**options))


def test_a_word_is_its_id_its_shape_and_its_letters() -> None:
    state = fit(SENTENCES)
    assert state.words == ("cat", "saw", "the", "0000", "a", "dog")
    encoded = state.encode(pl.Series("s", [["Cat", "1234"], ["Zebra"]])).values
    assert encoded.lengths.tolist() == [2, 1]
    cat, year, zebra = encoded.values.tolist()
    assert cat[:2] == [2, 2]  # the first word of the vocabulary, Capitalised
    letters = ["", "", *state.letters]
    assert [letters[place] for place in cat[3:5]] == ["a", "t"]
    assert cat[2] == 1  # a capital that training never showed
    assert cat[5:] == [0] * 17
    assert year[:2] == [5, 5]
    assert zebra[0] == ids_beyond(["zebra"], vocabulary_size=8)[0]


def test_words_seen_once_are_left_out_where_there_are_many_rows() -> None:
    many = pl.Series("s", [["a", "b", "a"]] * 199 + [["once", "a"]])
    assert fit(many).words == ("a", "b")
    assert fit(many, max_words=1).words == ("a",)


def test_lists_in_which_a_text_comes_twice_are_sentences() -> None:
    assert recognise(SENTENCES)[0] == "words"
    assert recognise(pl.Series("s", [["red", "round"], ["round"], ["red"]]))[0] == "tags"
    assert Words.recognise(SENTENCES, role="target").score == 0


def test_texts_are_cut_where_somebody_says_that_they_are_words() -> None:
    assert as_lists(pl.Series("s", ["to New York.", None, ""])).to_list() == [
        ["to", "New", "York", "."],
        None,
        [],
    ]
    with pytest.raises(DataError, match="'s' holds"):
        as_lists(pl.Series("s", [[["a"]]]))


def test_what_cannot_be_words_is_explained() -> None:
    with pytest.raises(DataError, match="--as s=tag_sequence"):
        Words.fit(SENTENCES, role="target", options=ModalityOptions())
    with pytest.raises(DataError, match="no cell of 2 has one"):
        fit(pl.Series("s", [[], None], dtype=pl.List(pl.String)))


def test_missing_empty_and_endless_sentences_fail_and_say_why() -> None:
    state = fit(SENTENCES, max_length=4)
    encoded = state.encode(pl.Series("s", [["a"], [], None, ["a"] * 5]))
    assert encoded.failed.tolist() == [False, True, True, True]
    assert encoded.problem_rows == (1, 2, 3)
    assert "cut it into sentences" in encoded.problems[2].what


def test_it_is_in_the_table() -> None:
    assert MODALITIES["words"].value is Words
