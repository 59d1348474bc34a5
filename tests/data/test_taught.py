"""Columns read with the vocabulary of another run."""

import pytest

from lamina.core.errors import ConfigError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.taught import taught, taught_columns
from tests.runs.tiny import finished


def test_the_vocabulary_is_taken_and_the_length_stays_the_users() -> None:
    run = finished("masked")
    options = ModalityOptions(vocabulary_of=str(run.path), max_length=7)
    found = taught("another name", "text", "input", options)
    assert found.words == run.predictor.schema.inputs[0].fitted.words
    assert len(found.read("the sea is blue")) == 7
    assert [row["name"] for row in taught_columns(run.path)] == ["text"]


def test_without_a_run_nothing_is_taken() -> None:
    assert taught("text", "text", "input", ModalityOptions()) is None
    named = ModalityOptions(vocabulary_of=str(finished("masked").path))
    assert taught("price", "number", "input", named) is None


def test_a_run_without_such_a_column_is_refused() -> None:
    options = ModalityOptions(vocabulary_of=str(finished("binary").path))
    with pytest.raises(ConfigError, match="has none of its kind"):
        taught("text", "text", "input", options)
