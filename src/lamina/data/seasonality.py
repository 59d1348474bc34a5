"""Whether series repeat, and after how many steps.

A period counts if the series, freed of its trend, resembles itself that many steps later; a longer
one must do so clearly more than a shorter one.

Source: Wang, Smith and Hyndman 2006, "Characteristic-based clustering for time series data" (trend
and autocorrelation as measures of a season).
"""

from collections.abc import Sequence

import numpy as np

_LEAST = 0.2
_CLEARLY = 0.05
_LONGEST = 4_000
_CHANCE = 3.5
"""Standard deviations of a correlation of noise: several periods are tried."""


def find_period(series: np.ndarray, candidates: Sequence[int] = ()) -> tuple[int, float]:
    """Return the period after which some series repeat most, and how much they do.

    Args:
        series: float [steps, series], NaN where unknown.
        candidates: Periods to try, in steps; () looks for them in the series.

    Returns:
        The period, 1 for none, and the correlation of a typical series with itself a period later.
    """
    columns = [_last_known(series[:, place]) for place in range(series.shape[1])]
    tried = sorted({int(c) for c in candidates} or _peaks(columns))
    while tried:
        best, share = 1, 0.0
        for period in tried:
            found = [repeated(column, period, max(tried)) for column in columns]
            known = [value for value in found if value is not None]
            median = float(np.median(known)) if 2 * len(known) >= len(columns) else 0.0
            if median > max(_LEAST, share + _CLEARLY):
                best, share = period, median
        if best > 1:
            return best, share
        tried.pop()  # the longest window may leave too few steps, or too much of the trend
    return 1, 0.0


def _last_known(series: np.ndarray) -> np.ndarray:
    """Return the last steps of a series, up to its last known one."""
    known = np.flatnonzero(~np.isnan(series))
    stop = known[-1] + 1 if len(known) else 0
    return series[max(0, stop - _LONGEST) : stop]


def repeated(series: np.ndarray, period: int, window: int) -> float | None:
    """Return how much a series freed of its trend resembles itself a period later.

    Args:
        series: float [steps], NaN where unknown.
        period: Steps of a cycle.
        window: Steps whose moving mean is the trend.

    Returns:
        The correlation: 1 for a cycle without noise, 0 for none; None where the series is too short
        to say or does not move.
    """
    known = np.flatnonzero(~np.isnan(series))
    if not len(known):
        return None
    filled = np.interp(np.arange(known[0], known[-1] + 1), known, series[known])
    if period < 2 or len(filled) < 3 * period + window:
        return None
    weights = np.ones(window) / window
    if window % 2 == 0:
        weights = np.concatenate(([0.5], np.ones(window - 1), [0.5])) / window
    trend = np.convolve(filled, weights, mode="valid")
    begin = (len(weights) - 1) // 2
    rest = filled[begin : begin + len(trend)] - trend
    if rest.std() <= 1e-6 * max(1.0, float(np.abs(filled).max())):
        return None
    centred = rest - rest.mean()

    def correlation(distance: int) -> float:
        return float((centred[:-distance] * centred[distance:]).mean() / centred.var())

    # What is merely sluggish resembles itself the more, the nearer: that is no cycle.
    between = min(correlation(max(1, round(period * part))) for part in (0.25, 0.5, 0.75))
    again = correlation(period)
    by_chance = _CHANCE / np.sqrt(len(rest) - period)
    return again if again > max(between + _CLEARLY, by_chance) else 0.0


def _peaks(columns: Sequence[np.ndarray]) -> set[int]:
    """Return the distances at which the changes of the series resemble themselves most."""
    total, count = np.zeros(0), 0
    for column in columns[:50]:
        known = column[~np.isnan(column)]
        changes = np.diff(known)
        if len(changes) < 20 or not changes.std():
            continue
        most = min(len(changes) // 5, 400)
        centred = changes - changes.mean()
        length = 1 << (2 * len(centred) - 1).bit_length()
        products = np.fft.irfft(np.abs(np.fft.rfft(centred, length)) ** 2, length)
        found = products[: most + 1] / products[0]
        size = max(len(total), len(found))
        total = np.pad(total, (0, size - len(total))) + np.pad(found, (0, size - len(found)))
        count += 1
    if count == 0:
        return set()
    mean = total / count
    inner = np.arange(2, len(mean) - 1)
    tops = inner[(mean[inner] > mean[inner - 1]) & (mean[inner] >= mean[inner + 1])]
    return set(tops[np.argsort(-mean[tops])][:5].tolist())
