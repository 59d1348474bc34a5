"""What is said in a sound of any length, as it arrives, in constant memory.

A network that hears a few seconds at a time scores windows that overlap (`sound_windows.py`), one
search goes on over all of their steps (`transcript_search.py`), and words that became certain are
handed on (`transcript_segments.py`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from lamina.runtime.errors import DataError
from lamina.runtime.sound_windows import Score, SoundScores, Windows
from lamina.runtime.token_runs import TokenRuns
from lamina.runtime.transcript_search import Heard, SearchSettings, search
from lamina.runtime.transcript_segments import Segment, Segments


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """A network that hears, and how texts are found in its scores."""

    score: Score
    """Scores one window."""
    rate: int
    """Samples per second that it hears."""
    max_samples: int
    """Most samples of a window."""
    step: int
    """Samples of a step."""
    num_tokens: int
    """Tokens that it scores."""
    spell: Callable[[int], bytes]
    """The bytes of a token."""
    settings: SearchSettings
    """How texts are looked for."""
    language: TokenRuns
    """Runs of tokens of the training transcripts."""


def segments_of(
    listener: Listener, blocks: Iterable[np.ndarray], *, delay_s: float | None = None
) -> Iterator[Segment]:
    """Yield the segments of a transcript, each as soon as it is certain.

    Args:
        listener: The network.
        blocks: The sound, int16 [samples] each, at the rate that the network hears.
        delay_s: Seconds within which a sound is to be heard, at the cost of more windows and of
            words that are heard worse; None for the fewest windows.

    Raises:
        DataError: The delay is too short, or the blocks end in an error: then after all segments.
    """
    segments = Segments(listener.spell, listener.step / listener.rate)
    problems: list[DataError] = []
    for heard in _Heard(listener, delay_s).of(_until_broken(blocks, problems)):
        yield from segments.add(heard)
    yield from segments.end()
    if problems:
        raise problems[0]


def tokens_of(listener: Listener, blocks: Iterable[np.ndarray]) -> tuple[tuple[int, ...], float]:
    """Return all tokens of a sound, and their nats, as `transcript_search.transcript` does.

    Args:
        listener: The network.
        blocks: The sound, int16 [samples] each, at the rate that the network hears.
    """
    stream = _Heard(listener, None)
    tokens = tuple(one.token for heard in stream.of(blocks) for one in heard)
    return tokens, stream.search.nats


def _until_broken(blocks: Iterable[np.ndarray], problems: list[DataError]) -> Iterator[np.ndarray]:
    """Yield blocks as if an error were their end, and keep it."""
    try:
        yield from blocks
    except DataError as error:
        problems.append(error)


@final
class _Heard:
    """The tokens of one sound, by the windows that made them certain."""

    def __init__(self, listener: Listener, delay_s: float | None) -> None:
        windows = Windows.of(
            listener.step, listener.max_samples, rate=listener.rate, delay_s=delay_s
        )
        self._scores = SoundScores(listener.score, windows, num_tokens=listener.num_tokens)
        # What fits in one window is decided at its end; what is longer, a window later at most.
        patience = windows.size // windows.step + 1
        if delay_s is not None:
            patience = max(1, min(patience, int(delay_s * listener.rate / listener.step)))
        self.search = search(listener.settings, listener.language, patience=patience)

    def of(self, blocks: Iterable[np.ndarray]) -> Iterator[list[Heard]]:
        for block in blocks:
            for logs in self._scores.add(block):
                yield self.search.add(logs)
        last = [one for logs in self._scores.end() for one in self.search.add(logs)]
        yield [*last, *self.search.end()]
