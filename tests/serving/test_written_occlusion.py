"""What a written text came from, measured by asking again how likely it is."""

import time

import numpy as np
import pytest

from lamina.core.config import from_document
from lamina.core.errors import DataError
from lamina.explanation.records import RowExplanation
from lamina.runtime.word_groups import MOST_PARTS
from lamina.serving.occlusion import MOST_WORDS
from lamina.serving.refusal import Refusal
from lamina.serving.written_occlusion import ROWS_AT_A_TIME, TooLateError, traced
from tests.serving.fakes import Clerk, Scribe


def test_words_are_charged_with_what_the_words_written_lose() -> None:
    answer, told = traced(Scribe(), {"text": "the old house"})
    assert answer["said"] == "HOUSE OLD THE"
    assert (told["answer"], told["unit"]) == ("said is “HOUSE OLD THE”", "log-probability")
    assert told["value"] == pytest.approx(-3 * 0.5 - 0.25)
    assert told["reference"] == pytest.approx(-3 * 3.5 - 0.25)
    (own,) = told["inputs"]
    assert [one["attribution"] for one in own["features"]] == [3.0, 3.0, 3.0]
    written = told["written"]
    assert (written["parts"], written["places"]) == (
        ["HOUSE", "OLD", "THE"],
        ["the", "old", "house"],
    )
    np.testing.assert_array_equal(written["falls"], 3.0 * np.eye(3)[::-1])
    own = {name: value for name, value in told.items() if name != "schema"}
    found = from_document(RowExplanation, own, where="explanation")
    assert found.written.falls[0] == (0.0, 0.0, 3.0)


@pytest.mark.parametrize("cell", ["call Ann now", ["call", "Ann", "now"]])
def test_words_become_unknown_ones_in_their_places_where_each_has_a_tag(cell) -> None:
    answer, told = traced(Clerk(), {"words": cell})
    assert answer["slots"] == ["O", "B-name", "O"]
    assert told["answer"] == "slots is “O B-name O”"
    assert told["value"] == -1.5
    assert told["reference"] == -7.5, "all words are unknown"
    (own,) = told["inputs"]
    assert (own["kind"], [one["label"] for one in own["features"]]) == (
        "words",
        ["call", "Ann", "now"],
    )
    assert [one["attribution"] for one in own["features"]] == [2.0, 2.0, 2.0]
    assert told["written"]["parts"] == ["call/O", "Ann/B-name", "now/O"]
    np.testing.assert_array_equal(told["written"]["falls"], 2.0 * np.eye(3))


def test_long_texts_are_measured_some_rows_at_a_time_and_by_runs_of_words() -> None:
    scribe = Scribe()
    text = " ".join(f"w{place}" for place in range(2 * MOST_WORDS))
    _, told = traced(scribe, {"text": text})
    assert max(scribe.measured) == ROWS_AT_A_TIME
    assert sum(scribe.measured) == MOST_WORDS + 2
    written = told["written"]
    assert len(written["places"]) == MOST_WORDS
    assert len(written["parts"]) == 2 * MOST_WORDS > MOST_PARTS  # the fake itself has no bound


def test_an_empty_text_has_nothing_to_rest_on() -> None:
    _, told = traced(Scribe(), {"text": None})
    assert told["written"] is None
    assert told["inputs"][0]["features"] == []


def test_what_cannot_be_explained_or_takes_too_long_is_refused() -> None:
    scribe = Scribe()
    with pytest.raises(TooLateError):
        traced(scribe, {"text": "a b"}, until=time.perf_counter() - 1)
    scribe.problem = DataError("the sound is longer than is heard at a time.")
    with pytest.raises(Refusal, match="longer than is heard") as found:
        traced(scribe, {"text": "a b"})
    assert (found.value.status, found.value.where) == (422, ("row",))
