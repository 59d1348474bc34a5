"""Another number of samples per second, with NumPy alone.

Every new sample is the sum of old ones around its place, weighted by a sinc in a Kaiser window that
keeps what both rates can hold and leaves the rest out, so that nothing is mirrored down. Both rates
are whole numbers, so the weights recur, and each set of them is used for all its places at once. A
sound may come in blocks: it is computed in groups that do not depend on how it was cut.

Source: Smith 2002, "Digital audio resampling", https://ccrma.stanford.edu/~jos/resample/; Kaiser
1974 (the window). Differs: exact ratios only, no table to interpolate in.
"""

import math
from typing import final

import numpy as np

_ZEROS = 16
_BETA = 8.0
_ROLL_OFF = 0.95
_GROUP_S = 0.25
_MOST_KEPT = 1 << 20


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return a sound at another rate, float32.

    Args:
        samples: float [samples], one channel.
        rate: Samples per second that it has.
        wanted: Samples per second that are wanted.
    """
    if rate == wanted:
        return samples.astype(np.float32, copy=False)
    resampler = Resampler(rate, wanted)
    return np.concatenate([resampler.add(samples), resampler.end()])


@final
class Resampler:
    """Brings a sound that comes in blocks to another rate; the blocks change nothing.

    Args:
        rate: Samples per second that it has.
        wanted: Samples per second that are wanted.
    """

    def __init__(self, rate: int, wanted: int) -> None:
        self._is_same = rate == wanted
        common = math.gcd(rate, wanted)
        self._up, self._down = wanted // common, rate // common
        # Below the lower of the two bandwidths, in units of half the old rate.
        self._share = _ROLL_OFF * min(1.0, self._up / self._down)
        self._half = math.ceil(_ZEROS / self._share)
        self._periods = max(1, round(_GROUP_S * common))
        self._waiting = np.zeros(self._half)
        self._num_in = self._num_out = 0
        self._kept: dict[int, np.ndarray] = {}

    def add(self, samples: np.ndarray) -> np.ndarray:
        """Return the new samples that are complete now, float32.

        Args:
            samples: float [samples], the next ones of one channel.
        """
        if self._is_same:
            return samples.astype(np.float32, copy=False)
        self._num_in += len(samples)
        self._waiting = np.concatenate([self._waiting, samples.astype(np.float64)])
        step = self._periods * self._down
        count = max(0, (len(self._waiting) - 2 * self._half - 1) // step)
        parts = [
            self._group(self._waiting[first : first + step + 2 * self._half], self._periods)
            for first in range(0, count * step, step)
        ]
        self._waiting = self._waiting[count * step :].copy()
        self._num_out += count * self._periods * self._up
        return np.concatenate([np.zeros(0, dtype=np.float32), *parts])

    def end(self) -> np.ndarray:
        """Return the new samples that are left, float32; silence follows the end of a sound."""
        if self._is_same:
            return np.zeros(0, dtype=np.float32)
        left = max(1, -(-self._num_in * self._up // self._down)) - self._num_out
        periods = max(1, -(-left // self._up))
        missing = periods * self._down + 2 * self._half - len(self._waiting)
        return self._group(np.pad(self._waiting, (0, max(0, missing))), periods)[:left]

    def _group(self, samples: np.ndarray, periods: int) -> np.ndarray:
        """Return the new samples of some periods, float32 [periods × up]."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, 2 * self._half + 1)
        out = np.empty(periods * self._up, dtype=np.float32)
        rows = self._down * np.arange(periods)
        for phase in range(self._up):
            first = phase * self._down // self._up
            out[phase :: self._up] = windows[first + rows] @ self._weights(phase)
        return out

    def _weights(self, phase: int) -> np.ndarray:
        """Return how old samples count for the new ones at one place within a period."""
        found = self._kept.get(phase)
        if found is None:
            offset = (phase * self._down) % self._up / self._up
            distance = np.arange(-self._half, self._half + 1) - offset
            inside = np.clip(1.0 - (distance / (self._half + 1)) ** 2, 0.0, None)
            window = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
            found = self._share * np.sinc(self._share * distance) * window
            found /= found.sum()
            if self._up * len(found) <= _MOST_KEPT:
                self._kept[phase] = found
        return found
