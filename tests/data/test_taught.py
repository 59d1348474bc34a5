"""Columns read with the vocabulary of another run."""

import polars as pl
import pytest

from lamina.core.errors import ConfigError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.taught import taught, taught_columns
from tests.runs.tiny import finished


def _cells(name):
    return pl.Series(name, [["the", "sea"], ["the", "sky"]])


def test_the_vocabulary_is_taken_and_the_length_stays_the_users() -> None:
    run = finished("masked")
    options = ModalityOptions(vocabulary_of=str(run.path), max_length=7)
    found = taught(_cells("another name"), "text", "input", options)
    assert found.words == run.predictor.schema.inputs[0].fitted.words
    assert len(found.read("the sea is blue")) == 7
    assert [row["name"] for row in taught_columns(run.path)] == ["text"]


def test_without_a_run_nothing_is_taken() -> None:
    assert taught(_cells("text"), "text", "input", ModalityOptions()) is None
    named = ModalityOptions(vocabulary_of=str(finished("masked").path))
    assert taught(_cells("price"), "number", "input", named) is None


def test_a_run_without_such_a_column_is_refused() -> None:
    options = ModalityOptions(vocabulary_of=str(finished("binary").path))
    with pytest.raises(ConfigError, match="has none of its kind"):
        taught(_cells("text"), "text", "input", options)


def test_words_take_the_pieces_of_a_text_and_teach_the_rest_themselves() -> None:
    run = finished("masked")
    options = ModalityOptions(vocabulary_of=str(run.path), tokens="bytes", max_length=7)
    found = taught(_cells("words"), "words", "input", options)
    assert found.pieces.words == run.predictor.schema.inputs[0].fitted.words
    assert found.words == ("the", "sea", "sky")
    assert found.max_length == 7
    kept = taught(_cells("w"), "words", "input", options_of("pieces"))
    assert kept.pieces.words == finished("pieces").predictor.schema.inputs[0].fitted.pieces.words


def options_of(name):
    return ModalityOptions(vocabulary_of=str(finished(name).path))


def test_words_of_a_run_of_other_kinds_are_refused() -> None:
    # Texts of whole words have no pieces that words could be cut into.
    with pytest.raises(ConfigError, match="has none of its kind"):
        taught(_cells("words"), "words", "input", options_of("text"))
