"""Sentences with coloured spans."""

from lamina.reports.content import TaggedSentence, TaggedSpan
from lamina.reports.tagged import tagged_markup

KINDS = ["LOC", "PER"]


def _sentence(*spans, words=("Peter", "flew", "to", "New", "York")):
    return TaggedSentence(row=3, words=tuple(words), spans=tuple(spans))


def test_spans_are_marked_with_kind_and_fate() -> None:
    markup = tagged_markup(
        _sentence(
            TaggedSpan(kind="PER", first=0, end=1, how="right"),
            TaggedSpan(kind="LOC", first=3, end=5, how="missed"),
        ),
        KINDS,
    )
    assert markup == (
        '<p class="tagged" dir="auto"><mark class="span c1 right">Peter <small>PER</small></mark> '
        'flew to <mark class="span c0 missed">New York <small>LOC, missed</small></mark></p>'
    )


def test_what_overlaps_stands_below() -> None:
    markup = tagged_markup(
        _sentence(
            TaggedSpan(kind="LOC", first=4, end=5, how="wrong"),
            TaggedSpan(kind="LOC", first=3, end=5, how="missed"),
        ),
        KINDS,
    )
    first, second = markup.split("</p>")[:2]
    assert first.endswith(
        'flew to New <mark class="span c0 wrong">York <small>LOC, not so</small></mark>'
    )
    assert second == (
        '<p class="tagged" dir="auto"><mark class="span c0 missed">New York '
        "<small>LOC, missed</small></mark>"
    )


def test_a_sentence_without_spans_is_plain() -> None:
    assert tagged_markup(_sentence(), KINDS).endswith(">Peter flew to New York</p>")


def test_hostile_words_and_kinds_change_no_markup() -> None:
    span = TaggedSpan(kind='"><script>', first=0, end=1, how='x" onclick="y')
    markup = tagged_markup(_sentence(span, words=("<b>", "&", "\x00", "x" * 5000)), KINDS)
    assert "<script" not in markup
    assert "<b>" not in markup
    assert "onclick" not in markup
    assert "\x00" not in markup
    assert len(markup) < 600
