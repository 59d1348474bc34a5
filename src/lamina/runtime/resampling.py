"""Another number of samples per second, with NumPy alone.

Every new sample is the sum of old ones around its place, weighted by a sinc in a Kaiser window that
keeps what both rates can hold and leaves the rest out, so that nothing is mirrored down. Both rates
are whole numbers, so the weights recur, and each set of them is used for all its places at once.

Source: Smith 2002, "Digital audio resampling", https://ccrma.stanford.edu/~jos/resample/; Kaiser
1974 (the window). Differs: exact ratios only, no table to interpolate in.
"""

import math

import numpy as np

_ZEROS = 16
_BETA = 8.0
_ROLL_OFF = 0.95
_TOGETHER = 1 << 22


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return a sound at another rate, float32.

    Args:
        samples: float [samples], one channel.
        rate: Samples per second that it has.
        wanted: Samples per second that are wanted.
    """
    if rate == wanted:
        return samples.astype(np.float32, copy=False)
    common = math.gcd(rate, wanted)
    up, down = wanted // common, rate // common
    count = max(1, -(-len(samples) * up // down))
    # Below the lower of the two bandwidths, in units of half the old rate.
    share = _ROLL_OFF * min(1.0, up / down)
    half = math.ceil(_ZEROS / share)
    padded = np.pad(samples.astype(np.float64), (half, half + down))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    out = np.empty(count, dtype=np.float32)
    for phase in range(min(up, count)):
        offset = (phase * down) % up / up
        weights = _weights(np.arange(-half, half + 1) - offset, share, half)
        places = phase * down // up + down * np.arange(len(range(phase, count, up)))
        step = max(1, _TOGETHER // len(weights))
        parts = [windows[places[i : i + step]] @ weights for i in range(0, len(places), step)]
        out[phase::up] = np.concatenate(parts)
    return out


def _weights(distance: np.ndarray, share: float, half: int) -> np.ndarray:
    inside = np.clip(1.0 - (distance / (half + 1)) ** 2, 0.0, None)
    window = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    weights: np.ndarray = share * np.sinc(share * distance) * window
    return weights / weights.sum()
