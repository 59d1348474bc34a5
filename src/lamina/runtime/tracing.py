"""What an answer of free length rests on, asked from outside: it stays, and its row is changed.

Source: Zeiler and Fergus 2014, arXiv:1311.2901 (occlusion), for texts and for tags of words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.runtime.pieces import Pieces
from lamina.runtime.prepared import Prepared
from lamina.runtime.word_groups import MOST_PARTS, grouped

Weigh = Callable[[Mapping[str, np.ndarray]], np.ndarray]
"""Encoded inputs by name to log-probabilities of one answer, float64 [rows, 1 + tokens]: of the
answer as a whole, then of each of its tokens or tags where they have some of their own."""


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer of free length, and how it is measured."""

    shown: str
    """The answer, as people read it."""
    parts: tuple[str, ...]
    """Its words, in order; pieces of it where it has no words. () where they cannot be told apart,
    or are more than `MOST_PARTS`."""
    groups: tuple[tuple[int, ...], ...]
    """Tokens or tags of each part."""
    weigh: Weigh
    """How likely the answer is."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """An answer of free length to a row, to be measured given other rows."""

    answer: Mapping[str, Any]
    """The answer to the row."""
    trace: Trace
    """The same as what is measured."""
    prepare: Callable[[Sequence[Mapping[str, Any]]], Prepared]
    """Raw rows as the model sees them."""

    def measure(self, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Return how likely the answer is given each row.

        Args:
            rows: Raw rows by column.

        Returns:
            float64 [rows, 1 + parts]: the log-probability of the whole answer, then of each part:
            of a word that was written, those before it given; of a tag, whatever the others are.
            NaN of a row that cannot be read.

        Raises:
            DataError: The file is too old for that.
            BundleError: The graph fails.
        """
        groups = self.trace.groups
        found = np.full((len(rows), 1 + len(groups)), np.nan)
        prepared = self.prepare(rows)
        if prepared.rows:
            logs = self.trace.weigh(prepared.inputs)
            parts = [logs[:, 1:][:, list(group)].sum(axis=1) for group in groups]
            found[list(prepared.rows)] = np.stack([logs[:, 0], *parts], axis=1)
        return found


def words_of_tokens(
    tokens: Sequence[int], pieces: Pieces
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Return the words of a written text and the tokens of each; nothing of very many.

    Args:
        tokens: The text, without marks.
        pieces: What they spell.
    """
    groups = grouped([pieces.text([token]) for token in tokens])
    if len(groups) > MOST_PARTS:
        return (), ()
    words = (pieces.text([tokens[place] for place in group]).strip() for group in groups)
    return tuple(words), tuple(map(tuple, groups))
