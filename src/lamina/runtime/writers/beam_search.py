"""Beam search: the likeliest text that a network could write, looked for among several at a time.

The counterpart of `lamina.networks.beam_search` for exported models: the graph of a step gives the
likeliest tokens of each line, which is all that a search can use of them.

Source: Graves 2012, arXiv:1211.3711; Wu et al. 2016, arXiv:1609.08144, equation 14 (length
penalty). Differs: a text is given up to `beam` ends, and the best of them is taken.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, final

import numpy as np

from lamina.runtime.document import Fields
from lamina.runtime.errors import DataError
from lamina.runtime.writers.base import AbstractWriter
from lamina.runtime.writers.steps import (
    GIVEN,
    LOGS,
    NEXT,
    TOKENS,
    WANTED,
    Lines,
    MemoryShape,
    Run,
    memory_shapes,
)

NEVER = -1e9
"""Log-probability of a token that is never written, as graphs say it: they know no infinity."""

MOST_ROWS = 64
"""Texts that are searched at a time, so that memory stays bounded."""

_FREE = 20  # tokens that an answer may always have


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchSettings:
    """How the likeliest text is looked for."""

    mark: int
    """Token that begins and ends every text."""
    beam: int
    """Texts that are followed at a time."""
    length_penalty: float
    """Power of the length that log-probabilities are divided by."""
    most_tokens: int
    """Most tokens of an answer."""
    tokens_per_token: float
    """Most tokens of an answer for each one read, beside some that are always free."""

    @classmethod
    def from_document(cls, fields: Fields) -> Self:
        """Return the settings of a document.

        Args:
            fields: With a value for each, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        return cls(
            mark=fields.integer("mark", least=0),
            beam=fields.integer("beam", least=1, most=10_000),
            length_penalty=fields.number("length_penalty", above=-1e-9),
            most_tokens=fields.integer("most_tokens", least=1, most=1 << 20),
            tokens_per_token=fields.number("tokens_per_token", above=0.0),
        )


@final
class BeamSearch(AbstractWriter):
    """Answers texts by the likeliest texts that a search finds.

    Args:
        settings: How they are looked for.
        read: Graph that reads texts.
        step: Graph that writes one more token on each line.
        shapes: What is remembered between steps.
    """

    name: ClassVar[str] = "beam_search"
    graphs: ClassVar[Mapping[str, tuple[str, ...]]] = {"step": (LOGS, NEXT), "read": ()}

    def __init__(
        self, settings: SearchSettings, read: Run, step: Run, shapes: tuple[MemoryShape, ...]
    ) -> None:
        self._settings, self._read, self._step, self._shapes = settings, read, step, shapes

    @classmethod
    def from_document(cls, fields: Fields, graphs: Mapping[str, Run]) -> Self:
        """Return the writer of a document.

        Args:
            fields: With the settings of the search and "memories".
            graphs: "read" and "step".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        settings = SearchSettings.from_document(fields)
        return cls(settings, graphs["read"], graphs["step"], memory_shapes(fields))

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return nats and tokens of each answer, then its tokens, padded with 0.

        Args:
            inputs: The texts, int64 [rows, length].
        """
        (tokens,) = inputs.values()
        parts = [
            self._search(tokens[start : start + MOST_ROWS])
            for start in range(0, len(tokens), MOST_ROWS)
        ]
        longest = max((part.shape[1] for part in parts), default=2)
        return np.concatenate([np.zeros((0, longest)), *(_padded(part, longest) for part in parts)])

    def weigh(self, inputs: Mapping[str, np.ndarray], text: Sequence[int]) -> np.ndarray:
        """Return the log-probability of each token of a text and of its end.

        Args:
            inputs: What it would answer, int64 [rows, length].
            text: The tokens, without marks.

        Returns:
            float64 [rows, tokens + 1].

        Raises:
            DataError: The file was made before its steps could tell that.
        """
        (tokens,) = inputs.values()
        parts = [
            self._weigh(tokens[start : start + MOST_ROWS], text)
            for start in range(0, len(tokens), MOST_ROWS)
        ]
        return np.concatenate([np.zeros((0, len(text) + 1)), *parts])

    def _weigh(self, tokens: np.ndarray, text: Sequence[int]) -> np.ndarray:
        lines, mark, found = self._lines(tokens), self._settings.mark, []
        for last, wanted in itertools.pairwise([mark, *text, mark]):
            every = np.full((len(tokens), 1), wanted, dtype=np.int64)
            told = lines.read(np.full_like(every, last), {WANTED: every})
            if GIVEN not in told:
                raise DataError(
                    "this file was exported before it could be told what its texts rest on. Export "
                    "the run again."
                )
            found.append(told[GIVEN])
        return np.concatenate(found, axis=1).astype(np.float64)

    def _lines(self, tokens: np.ndarray) -> Lines:
        """Return one line for each text that is read."""
        # A search wants no token in particular, and the graph always wants one.
        nothing = np.zeros((len(tokens), 1), dtype=np.int64)
        given = {**self._read({TOKENS: tokens}), WANTED: nothing}
        return Lines(self._step, self._shapes, len(tokens), given)

    def _search(self, tokens: np.ndarray) -> np.ndarray:
        lines = self._lines(tokens)
        if self._settings.beam > 1:
            lines.select(np.repeat(np.arange(len(tokens)), self._settings.beam))
        return _Search(lines, np.count_nonzero(tokens, axis=1), self._settings).run()


class _Search:
    """The state of one search.

    `rows` are the texts that are still searched; each has `beam` lines, of which the first are the
    likeliest. A line that ended is kept if it is the best of its text so far.
    """

    def __init__(self, lines: Lines, lengths: np.ndarray, settings: SearchSettings) -> None:
        self.lines, self.settings = lines, settings
        count, beam = len(lengths), settings.beam
        limits = (_FREE + settings.tokens_per_token * lengths).astype(np.int64)
        self.limits = np.minimum(limits, settings.most_tokens)
        self.longest = int(self.limits.max())
        self.rows = np.arange(count)
        self.scores = np.full((count, beam), -np.inf, dtype=np.float32)
        self.scores[:, 0] = 0.0
        self.written = np.zeros((count, beam, 0), dtype=np.int64)
        self.best = np.full(count, -np.inf, dtype=np.float32)
        self.best_nats = np.zeros(count)
        self.best_counts = np.zeros(count, dtype=np.int64)
        self.best_tokens = np.zeros((count, self.longest), dtype=np.int64)
        self.num_ended = np.zeros(count, dtype=np.int64)

    def run(self) -> np.ndarray:
        last = np.full((self.scores.size, 1), self.settings.mark, dtype=np.int64)
        for place in range(self.longest):
            if not len(self.rows):
                break
            last = self._step(last, place)
        length = max(1, int(np.count_nonzero(self.best_tokens, axis=1).max()))
        figures = np.stack([self.best_nats, self.best_counts], axis=1)
        return np.concatenate([figures, self.best_tokens[:, :length]], axis=1)

    def _step(self, last: np.ndarray, place: int) -> np.ndarray:
        """Write one token on every line; return it, int64 [lines, 1]."""
        beam = self.settings.beam
        found = self.lines.read(last)
        logs = np.where(found[LOGS] < NEVER / 2, -np.inf, found[LOGS])
        count = logs.shape[1]
        sums = (self.scores[:, :, None] + logs.reshape(len(self.rows), beam, count)).reshape(
            len(self.rows), -1
        )
        best, places = _most(sums, 2 * beam)
        lines = places // count
        tokens = np.take_along_axis(found[NEXT].reshape(len(self.rows), -1), places, axis=1)
        is_end = tokens == self.settings.mark
        self._keep_ends(best, lines, is_end, place)
        self.scores, which = _most(np.where(is_end, np.float32(-np.inf), best), beam)
        lines, tokens = (np.take_along_axis(one, which, axis=1) for one in (lines, tokens))
        before = np.take_along_axis(self.written, lines[:, :, None], axis=1)
        self.written = np.concatenate([before, tokens[:, :, None]], axis=2)
        self._keep_cut(place)
        is_open = self._is_open(place)
        starts = np.arange(len(self.rows))[:, None] * beam
        index = (starts + lines)[is_open].reshape(-1)
        if not is_open.all():
            self.rows, self.scores = self.rows[is_open], self.scores[is_open]
            self.written = self.written[is_open]
        if len(index):
            self.lines.select(index)
        return tokens[is_open].reshape(-1, 1)

    def _keep_ends(
        self, best: np.ndarray, lines: np.ndarray, is_end: np.ndarray, place: int
    ) -> None:
        """Take the best line that ended here, where it beats what was found before."""
        beam = self.settings.beam
        # Only ends among the likeliest `beam` count: others would not have been followed.
        ended = np.where(is_end[:, :beam], best[:, :beam], np.float32(-np.inf))
        self.num_ended[self.rows] += (ended > -np.inf).sum(axis=1)
        which = ended.argmax(axis=1)
        own = np.arange(len(self.rows))
        texts = self.written[own, lines[own, which]]
        self._take(ended[own, which], texts, place + 1, np.ones(len(own), dtype=bool))

    def _keep_cut(self, place: int) -> None:
        """Take the likeliest line of texts that may grow no longer and have no end yet."""
        is_full = (place + 1 >= self.limits[self.rows]) & (self.best[self.rows] == -np.inf)
        self._take(self.scores[:, 0], self.written[:, 0], place + 1, is_full)

    def _take(self, value: np.ndarray, texts: np.ndarray, count: int, may: np.ndarray) -> None:
        score = value / np.float32(float(count) ** self.settings.length_penalty)
        is_better = may & (score > self.best[self.rows])
        rows = self.rows[is_better]
        self.best[rows], self.best_nats[rows] = score[is_better], -value[is_better]
        self.best_counts[rows] = count
        self.best_tokens[rows] = 0
        self.best_tokens[rows, : texts.shape[1]] = texts[is_better]

    def _is_open(self, place: int) -> np.ndarray:
        """Return whether a text could still get a better answer than it has, bool [rows]."""
        reach = self.limits[self.rows].astype(np.float32) ** np.float32(
            self.settings.length_penalty
        )
        could = self.scores[:, 0] / reach
        is_full = place + 1 >= self.limits[self.rows]
        has_all = self.num_ended[self.rows] >= self.settings.beam
        return ~is_full & ~has_all & (could > self.best[self.rows])


def _most(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest values of each row and their places, the largest first."""
    places = np.argsort(-values, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(values, places, axis=1), places


def _padded(values: np.ndarray, columns: int) -> np.ndarray:
    return np.pad(values, ((0, 0), (0, columns - values.shape[1])))
