"""Two columns of text that are a pair: told by their names, or by what they hold.

A pair is compared, and so its texts are cut into the same tokens, while a title and a body are read
each for itself.
"""

import re
from collections import Counter

import polars as pl

from lamina.data.modalities.text import tokenise
from lamina.data.schema import Schema

PARTNERS = (
    ("premise", "hypothesis"),
    ("text", "hypothesis"),
    ("query", "document"),
    ("query", "passage"),
    ("question", "answer"),
    ("question", "sentence"),
    ("claim", "evidence"),
    ("reference", "candidate"),
    ("original", "paraphrase"),
)
"""Names of two columns that go together, in lower case."""

LEAST_SHARED = 0.6
"""Share of the words of either column, as they occur, that the other column has, too."""

MOST_LONGER = 1.5
"""Texts of one column are at most so many times as long as those of the other on average."""

SAMPLE_ROWS = 2_000
"""Rows whose words are counted."""

_NUMBERED = re.compile(r"^(.+?)[ _.-]*(1|2|a|b|one|two|first|second|left|right)$")
_ORDERS = (("1", "2"), ("a", "b"), ("one", "two"), ("first", "second"), ("left", "right"))
_LEADING = re.compile(r"^(first|second|left|right)[ _.-]*(.+)$")


def pair_evidence(schema: Schema, frame: pl.DataFrame) -> str:
    """Return why the two texts of a table are a pair; "" where they are none.

    Args:
        schema: The schema, fitted or not.
        frame: Raw rows, all or a sample.
    """
    texts = [column.name for column in schema.inputs if column.modality == "text"]
    if len(texts) != 2:
        return ""
    first, second = texts
    if _go_together(first, second):
        return f"{first!r} and {second!r} are names of two texts that are compared"
    counts = [_words_of(frame[name]) for name in texts]
    sizes = [sum(own.values()) for own in counts]
    if not min(sizes) or max(sizes) > MOST_LONGER * min(sizes):
        return ""
    shared = min(_shared(counts[0], counts[1]), _shared(counts[1], counts[0]))
    if shared < LEAST_SHARED:
        return ""
    return (
        f"{first!r} and {second!r} are texts of about one length that share {shared:.0%} of their "
        "words"
    )


def _go_together(first: str, second: str) -> bool:
    """Return whether two names are those of a pair: partners, or one name with two numbers."""
    names = first.lower(), second.lower()
    if names in PARTNERS or names[::-1] in PARTNERS:
        return True
    return any(
        stems[0] == stems[1] and (marks in _ORDERS or marks[::-1] in _ORDERS)
        for stems, marks in (_cut(names, _NUMBERED, (1, 2)), _cut(names, _LEADING, (2, 1)))
        if "" not in stems
    )


def _cut(
    names: tuple[str, str], pattern: re.Pattern[str], places: tuple[int, int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the stems of names and what tells them apart, "" where they are not of this form."""
    found = [pattern.match(name) for name in names]
    stem, mark = places
    return (
        tuple("" if match is None else match[stem] for match in found),
        tuple("" if match is None else match[mark] for match in found),
    )


def _words_of(cells: pl.Series) -> Counter[str]:
    """Return how often each word stands in some rows, spread evenly."""
    step = max(1, len(cells) // SAMPLE_ROWS)
    words = tokenise(cells.gather_every(step)).explode().drop_nulls()
    return Counter(word for word in words.to_list() if any(map(str.isalnum, word)))


def _shared(own: Counter[str], other: Counter[str]) -> float:
    """Return the share of words, as they occur, that stand in the other texts, too."""
    return sum(times for word, times in own.items() if word in other) / sum(own.values())
