"""Spans that tags mark."""

from hypothesis import given
from hypothesis import strategies as st

from lamina.runtime.spans import Span, spans_of


def test_spans_begin_go_on_and_end() -> None:
    tags = ["B-LOC", "I-LOC", "I-PER", "O", "B-PER", "B-PER", "I-PER", "I-PER"]
    assert spans_of(tags) == (
        Span("LOC", 0, 2),
        Span("PER", 2, 3),
        Span("PER", 4, 5),
        Span("PER", 5, 8),
    )
    assert spans_of([]) == spans_of(["O", "O"]) == ()


def test_tags_without_marks_are_spans_of_their_own() -> None:
    assert spans_of(["NN", "NN", "O", "B-"]) == (
        Span("NN", 0, 1),
        Span("NN", 1, 2),
        Span("B-", 3, 4),
    )


@given(st.lists(st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b", "NN"]), max_size=12))
def test_spans_hold_every_word_but_those_outside_once(tags) -> None:
    places = [place for span in spans_of(tags) for place in range(span.first, span.end)]
    assert places == [place for place, tag in enumerate(tags) if tag != "O"]
