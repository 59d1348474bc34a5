"""Whether series repeat, and after how many steps.

A period counts if the mean cycle of the first half of the series explains the second half; among
those that do, a longer one must explain clearly more than a shorter one.

Source: the idea of judging a season by what it leaves over is from Wang, Smith and Hyndman 2006,
"Characteristic-based clustering for time series data". Differs: judged on the other half.
"""

from collections.abc import Sequence

import numpy as np

_LEAST = 0.05
_CLEARLY = 0.02
_LONGEST = 4_000


def find_period(series: np.ndarray, candidates: Sequence[int] = ()) -> tuple[int, float]:
    """Return the period that most explains some series, and the share that it explains.

    Args:
        series: float [steps, series], NaN where unknown.
        candidates: Periods to try, in steps; () looks for them in the series.

    Returns:
        The period, 1 for none, and the share of the second half's variance around its trend that
        is explained.
    """
    best, share = 1, 0.0
    columns = [series[-_LONGEST:, place] for place in range(series.shape[1])]
    tried = sorted({int(c) for c in candidates} or _peaks(columns))
    for period in tried:
        found = [explained(column, period) for column in columns]
        known = [value for value in found if value is not None]
        if not known:
            continue
        median = float(np.median(known))
        if median > max(_LEAST, share + _CLEARLY):
            best, share = period, median
    return best, share


def explained(series: np.ndarray, period: int) -> float | None:
    """Return the share of the second half that the mean cycle of the first half explains.

    Args:
        series: float [steps], NaN where unknown.
        period: Steps of a cycle.

    Returns:
        1 for a cycle without noise, 0 or less for none; None where a half holds no two cycles, or
        nothing moves.
    """
    known = np.flatnonzero(~np.isnan(series))
    if not len(known):
        return None
    filled = np.interp(np.arange(known[0], known[-1] + 1), known, series[known])
    if period < 2 or len(filled) < 5 * period:
        return None
    window = np.ones(period) / period
    if period % 2 == 0:
        window = np.concatenate(([0.5], np.ones(period - 1), [0.5])) / period
    trend = np.convolve(filled, window, mode="valid")
    begin = (len(window) - 1) // 2
    rest = filled[begin : begin + len(trend)] - trend
    half = len(rest) // 2
    places = np.arange(len(rest)) % period
    sums = np.bincount(places[:half], rest[:half], minlength=period)
    cycle = sums / np.bincount(places[:half], minlength=period)
    later = rest[half:]
    power = float((later**2).sum())
    if power <= 1e-12 * max(1.0, float((filled**2).sum())):
        return None
    return 1 - float(((later - cycle[places[half:]]) ** 2).sum()) / power


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
