"""Scores of a sound of any length, from a network that hears a few seconds at a time.

The sound is read in windows that overlap, each as long as the longest that the network was trained
on, and every step is taken from the window in whose middle it lies: at the edges a network knows
one side only. The first window is read from its beginning, the last one to its end; a sound that
fits in one window is read as a whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self, final

import numpy as np

from lamina.runtime.errors import DataError
from lamina.runtime.transcript_search import BLANK

Score = Callable[[np.ndarray], np.ndarray]
"""int16 [samples], one window, to log-probabilities, float [steps, tokens]."""

SILENT = 3
"""Whole numbers of 16 bits between the lowest and the highest sample of what is silent."""

LEAST_DELAY_S = 0.1
"""Least delay that can be asked for, in seconds."""

_NEVER = -1e4


@dataclass(frozen=True, kw_only=True, slots=True)
class Windows:
    """Where windows end, in samples, and which of their steps count."""

    step: int
    """Samples of a step."""
    size: int
    """Most samples of a window."""
    first: int
    """Where the first window ends."""
    hop: int
    """Samples from the end of a window to that of the next, a multiple of the step."""
    ahead: int
    """Steps before the end of a window that the next one knows better."""

    @classmethod
    def of(cls, step: int, size: int, *, rate: int, delay_s: float | None = None) -> Self:
        """Return windows for a network.

        Args:
            step: Samples of a step.
            size: Most samples that the network hears.
            rate: Samples per second.
            delay_s: Seconds within which a sound is to be heard, at the cost of more windows; None
                for the fewest windows that overlap by half.

        Raises:
            DataError: The delay is too short or no number.
        """
        size = max(size, 4 * step)
        hop = size // step // 2
        ahead = hop // 2
        if delay_s is None:
            return cls(step=step, size=size, first=size, hop=hop * step, ahead=ahead)
        if not delay_s >= LEAST_DELAY_S:
            raise DataError(f"the delay must be at least {LEAST_DELAY_S} seconds, got {delay_s!r}.")
        # Half of it until the next window is read, half of it for what is heard behind a step.
        half = max(1, int(min(delay_s, size / step) * rate / step / 2))
        hop, ahead = min(hop, half), min(ahead, half)
        return cls(step=step, size=size, first=hop * step, hop=hop * step, ahead=ahead)


@final
class SoundScores:
    """The scores of a sound that comes in blocks, step by step; the blocks change nothing.

    Args:
        score: The network.
        windows: Where its windows lie.
        num_tokens: Tokens that it scores.
    """

    def __init__(self, score: Score, windows: Windows, *, num_tokens: int) -> None:
        self._score, self._windows, self._num_tokens = score, windows, num_tokens
        self._blocks: list[np.ndarray] = []
        self._begin = self._end = 0  # samples that are kept: from, to
        self._next, self._done = windows.first, 0

    def add(self, samples: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the scores of steps that are known now, float [steps, tokens].

        Args:
            samples: int16 [samples], the next ones.
        """
        self._blocks.append(samples)
        self._end += len(samples)
        # A window at whose end the sound ends is the last one, and that is known only afterwards.
        while self._end > self._next:
            stop = self._next // self._windows.step - self._windows.ahead
            if stop > self._done:
                yield self._read(self._next, stop)
            # The last window may end anywhere from here on.
            self._forget(self._start(self._next))
            self._next += self._windows.hop

    def end(self) -> Iterator[np.ndarray]:
        """Yield the scores of the steps that are left when the sound has ended."""
        if self._end:
            yield self._read(self._end, None)

    def _start(self, end: int) -> int:
        """Return where the window begins that ends at a sample; windows share the same steps."""
        step = self._windows.step
        return max(0, -(-(end - self._windows.size) // step) * step)

    def _read(self, end: int, stop: int | None) -> np.ndarray:
        """Return the scores of steps from the first that is not known yet."""
        start, step = self._start(end), self._windows.step
        whole = self._blocks[0] if len(self._blocks) == 1 else np.concatenate(self._blocks)
        self._blocks = [whole]
        window = whole[start - self._begin : end - self._begin]
        first = start // step
        if int(window.max()) - int(window.min()) <= SILENT:
            logs = np.full((-(-end // step) - first, self._num_tokens), _NEVER)
            logs[:, BLANK] = 0.0
        else:
            logs = self._score(window)
        found = logs[self._done - first : None if stop is None else stop - first]
        self._done += len(found)
        return found

    def _forget(self, start: int) -> None:
        """Let go of what lies before a sample."""
        while self._blocks and self._begin + len(self._blocks[0]) <= start:
            self._begin += len(self._blocks.pop(0))
        if self._blocks and start > self._begin:
            self._blocks[0] = self._blocks[0][start - self._begin :].copy()
            self._begin = start
