"""What a written text rests on, asked from outside: the text stays, and its row is changed.

Source: Zeiler and Fergus 2014, arXiv:1311.2901 (occlusion), for texts that are written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.runtime.pieces import Pieces
from lamina.runtime.prepared import Prepared
from lamina.runtime.word_groups import MOST_PARTS, grouped

Weigh = Callable[[Mapping[str, np.ndarray]], np.ndarray]
"""Encoded inputs by name to log-probabilities of one text, float64 [rows, columns]: of each token
and of the end, or of the text as a whole."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A written text, and how it is measured."""

    parts: tuple[str, ...]
    """Its words, in order; pieces of it where it has no words. () where they cannot be told apart,
    or are more than `MOST_PARTS`."""
    groups: tuple[tuple[int, ...], ...]
    """Tokens of each part."""
    weigh: Weigh
    """How likely the text is."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """A text that was written for a row, to be measured given other rows."""

    answer: Mapping[str, Any]
    """The answer to the row."""
    trace: Trace
    """The text."""
    prepare: Callable[[Sequence[Mapping[str, Any]]], Prepared]
    """Raw rows as the model sees them."""

    def measure(self, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Return how likely the text is given each row.

        Args:
            rows: Raw rows by column.

        Returns:
            float64 [rows, 1 + parts]: the log-probability of the whole text with its end, then of
            each part, the words before it given. NaN of a row that cannot be read.

        Raises:
            DataError: The file is too old for that.
            BundleError: The graph fails.
        """
        groups = self.trace.groups
        found = np.full((len(rows), 1 + len(groups)), np.nan)
        prepared = self.prepare(rows)
        if prepared.rows:
            logs = self.trace.weigh(prepared.inputs)
            parts = [logs[:, list(group)].sum(axis=1) for group in groups]
            found[list(prepared.rows)] = np.stack([logs.sum(axis=1), *parts], axis=1)
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
