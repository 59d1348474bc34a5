"""How likely a token is after the few before it, by counts in tables of fixed size.

Source: Witten and Bell 1991 (how much the longer run counts); Talbot and Osborne 2007 (counts found
by checksums). Differs: checksums of different runs may meet, which makes rare ones a little too
likely.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from lamina.runtime.document import Fields

SLOTS = 1 << 15
"""Places of each table."""

START = 1
"""Checksum of no token."""

_FACTOR = 1_000_003
_ROOM = 1 << 40
_MOST_COUNT = 1 << 31
_MOST_KNOWN = 1 << 17  # log-probabilities that are remembered: a stream may go on for days


@dataclass(frozen=True, kw_only=True)
class TokenRuns:
    """Counts of runs of tokens; each table is int [order, SLOTS], a row for each length."""

    runs: np.ndarray
    """How often a run was met, by its checksum."""
    contexts: np.ndarray
    """How often it was met without its last token."""
    kinds: np.ndarray
    """How many different tokens came last."""
    num_kinds: int
    """Different tokens in all, at least 1."""

    @property
    def order(self) -> int:
        """Tokens of the longest run."""
        return len(self.runs)

    def log_probability(self, before: Sequence[int], token: int) -> float:
        """Return the log-probability of a token after others.

        Args:
            before: The tokens before, the last one last.
            token: The token; 0 for the end.
        """
        found = self._known.get((tuple(before), token))
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[tuple(before), token] = self._log_probability(before, token)
        return found

    @cached_property
    def _known(self) -> dict[tuple[tuple[int, ...], int], float]:
        return {}

    def _log_probability(self, before: Sequence[int], token: int) -> float:
        share = 1.0 / (self.num_kinds + 1)
        for order in range(self.order):
            context = START
            for back in range(order, 0, -1):
                context = joined(context, before[-back] if back <= len(before) else 0)
            seen = int(self.contexts[order, context % SLOTS])
            if seen:
                run = int(self.runs[order, joined(context, token) % SLOTS])
                kinds = int(self.kinds[order, context % SLOTS])
                share = (run + kinds * share) / (seen + kinds)
        return math.log(share)

    def to_document(self) -> dict[str, Any]:
        """Return the tables as JSON-like values: places and counts of what is not 0."""
        tables = {name: _sparse(getattr(self, name)) for name in ("runs", "contexts", "kinds")}
        return {"order": self.order, "num_kinds": self.num_kinds, **tables}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the tables of a document.

        Args:
            document: As `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "runs of tokens")
        order = fields.integer("order", least=1, most=8)
        tables = {name: _dense(fields, name, order) for name in ("runs", "contexts", "kinds")}
        return cls(num_kinds=fields.integer("num_kinds", least=1), **tables)


def joined(checksum: int, token: int) -> int:
    """Return the checksum of a run that is one token longer, in [0, 2^40).

    Args:
        checksum: That of the run.
        token: The token.
    """
    mixed = checksum * _FACTOR + token + 7
    return (mixed ^ (mixed >> 17)) % _ROOM


def _sparse(table: np.ndarray) -> list[int]:
    flat = table.reshape(-1)
    places = np.flatnonzero(flat)
    found: list[int] = np.stack([places, flat[places]], axis=1).reshape(-1).tolist()
    return found


def _dense(fields: Fields, name: str, order: int) -> np.ndarray:
    values = np.array(fields.numbers(name))
    pairs = values[: len(values) // 2 * 2].reshape(-1, 2)
    is_whole = len(values) % 2 == 0 and bool((values == np.floor(values)).all())
    within = (pairs >= 0).all() and (pairs < (order * SLOTS, _MOST_COUNT)).all()
    if not is_whole or not within:
        raise fields.refusal(name, len(values), "pairs of a place and a count")
    table = np.zeros(order * SLOTS, dtype=np.int64)
    table[pairs[:, 0].astype(np.int64)] = pairs[:, 1].astype(np.int64)
    return table.reshape(order, SLOTS)
