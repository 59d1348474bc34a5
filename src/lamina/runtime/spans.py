"""Spans that tags of words mark: names, slots, chunks.

Source: Sang and De Meulder 2003, whose scorer counts the same spans.
"""

from collections.abc import Sequence
from dataclasses import dataclass

OUTSIDE = "O"
"""Tag of a word in no span."""


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring words of one kind."""

    kind: str
    """What they are."""
    first: int
    """Place of the first word."""
    end: int
    """Place behind the last word."""


def spans_of(tags: Sequence[str]) -> tuple[Span, ...]:
    """Return the spans that tags mark, in order.

    "B-LOC" begins a span, "I-LOC" goes on with one of its kind or begins one, "O" is outside. A tag
    without a mark, such as a part of speech, is a span of its own.

    Args:
        tags: One per word.
    """
    found: list[Span] = []
    kind, first = "", 0
    for place, tag in enumerate((*tags, OUTSIDE)):
        mark, _, own = tag.partition("-")
        is_marked = mark in ("B", "I") and own != ""
        if kind and not (is_marked and mark == "I" and own == kind):
            found.append(Span(kind, first, place))
            kind = ""
        if is_marked and not kind:
            kind, first = own, place
        elif not is_marked and tag != OUTSIDE:
            found.append(Span(tag, place, place + 1))
    return tuple(found)
