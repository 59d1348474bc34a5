"""The Theta method, as in the M4 competition: half a line, half a smoothed series twice as bent.

A series that shows a cycle is freed of it by classical multiplicative decomposition first, and
given it back at the end.

Source: Assimakopoulos and Nikolopoulos 2000, "The theta model"; Makridakis, Spiliotis and
Assimakopoulos 2020 (the benchmark "Theta" and its test for seasons). Differs: additive cycles for
series that are not positive; the line is fitted anew at every origin, the weight is not.
"""

import numpy as np

_WEIGHTS = np.linspace(0.01, 0.99, 50)


def shows_cycle(series: np.ndarray, period: int) -> bool:
    """Return whether a series repeats after a period, by the 90 % test of the M4 competition.

    Args:
        series: float [steps], without gaps.
        period: Steps of a cycle.

    Source:
        Makridakis, Spiliotis and Assimakopoulos 2020.
    """
    if period < 2 or len(series) < 3 * period:
        return False
    correlations = autocorrelations(series, period)
    limit = 1.645 * np.sqrt((1 + 2 * (correlations[: period - 1] ** 2).sum()) / len(series))
    return bool(abs(correlations[period - 1]) > limit)


def autocorrelations(series: np.ndarray, count: int) -> np.ndarray:
    """Return the correlations of a series with itself, 1 to `count` steps later.

    Args:
        series: float [steps], without gaps.
        count: Largest distance.

    Source:
        Box and Jenkins 1970.
    """
    centred = series - series.mean()
    power = float((centred**2).sum())
    if power == 0:
        return np.zeros(count)
    length = 1 << (2 * len(series) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(centred, length)) ** 2
    products: np.ndarray = np.fft.irfft(spectrum, length)[1 : count + 1]
    return products / power


def seasonal_indices(series: np.ndarray, period: int, *, is_factor: bool) -> np.ndarray:
    """Return the cycle of a series by classical decomposition, [period], of the first step on.

    Args:
        series: float [steps], without gaps, of two cycles at least.
        period: Steps of a cycle.
        is_factor: Factors of mean 1, in place of offsets of mean 0.

    Source:
        Textbook; equal to `statsmodels.tsa.seasonal.seasonal_decompose`.
    """
    window = np.ones(period) / period
    if period % 2 == 0:
        window = np.concatenate(([0.5], np.ones(period - 1), [0.5])) / period
    trend = np.convolve(series, window, mode="valid")
    begin = (len(window) - 1) // 2
    middle = series[begin : begin + len(trend)]
    parts = middle / trend if is_factor else middle - trend
    places = (begin + np.arange(len(parts))) % period
    sums = np.bincount(places, parts, minlength=period)
    indices = sums / np.bincount(places, minlength=period)
    return indices / indices.mean() if is_factor else indices - indices.mean()


def theta(
    series: np.ndarray, num_fitted: int, period: int, origins: np.ndarray, horizon: int
) -> np.ndarray:
    """Return the forecasts of the Theta method at several origins of one series.

    Args:
        series: float [steps], without gaps.
        num_fitted: First steps that cycle and weight are taken from.
        period: Steps of a cycle; 1 for none.
        origins: int [origins], row of the last known step of each.
        horizon: Steps ahead.

    Returns:
        float64 [origins, horizon].

    Source:
        Assimakopoulos and Nikolopoulos 2000; Hyndman and Billah 2003, "Unmasking the Theta method".
    """
    fitted = series[:num_fitted]
    steps = np.arange(len(series))
    cycle, is_factor = np.zeros(max(period, 1)), bool((fitted > 0).all())
    has_cycle = shows_cycle(fitted, period)
    if has_cycle:
        cycle = seasonal_indices(fitted, period, is_factor=is_factor)
    along = cycle[steps % len(cycle)]
    plain = _without(series, along, has_cycle=has_cycle, is_factor=is_factor)
    slope, base = _lines(plain)
    weight = _best_weight(plain[:num_fitted], slope[num_fitted - 1], base[num_fitted - 1])
    # Smoothing is linear, so the bent series 2 y - line is smoothed for every line at once.
    level = 2 * _smooth(plain, weight)[origins] - (
        base[origins] + slope[origins] * _smooth(steps.astype(np.float64), weight)[origins]
    )
    ahead = origins[:, None] + np.arange(1, horizon + 1)
    line = base[origins][:, None] + slope[origins][:, None] * ahead
    answers = (line + level[:, None]) / 2
    if not has_cycle:
        return answers
    again = cycle[ahead % len(cycle)]
    return answers * again if is_factor else answers + again


def _without(
    series: np.ndarray, along: np.ndarray, *, has_cycle: bool, is_factor: bool
) -> np.ndarray:
    if not has_cycle:
        return series
    return series / np.where(along == 0, 1.0, along) if is_factor else series - along


def _lines(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return slope and value at step 0 of the line through the steps up to each, [steps] both."""
    steps = np.arange(len(series), dtype=np.float64)
    count = steps + 1
    mean_step, mean = steps / 2, np.cumsum(series) / count
    shared = np.cumsum(steps * series) / count - mean_step * mean
    spread = (count**2 - 1) / 12
    slope = np.divide(shared, spread, out=np.zeros_like(shared), where=spread > 0)
    return slope, mean - slope * mean_step


def _best_weight(series: np.ndarray, slope: float, base: float) -> float:
    """Return the smoothing weight of least squared one-step error on the bent series."""
    bent = 2 * series - (base + slope * np.arange(len(series)))
    level, squares = np.full(len(_WEIGHTS), bent[0]), np.zeros(len(_WEIGHTS))
    for value in bent[1:]:
        error = value - level
        squares += error**2
        level = level + _WEIGHTS * error
    return float(_WEIGHTS[squares.argmin()])


def _smooth(series: np.ndarray, weight: float) -> np.ndarray:
    """Return the smoothed level after each step; it begins at the first value."""
    from scipy.signal import lfilter

    smoothed, _ = lfilter([weight], [1, weight - 1], series, zi=[(1 - weight) * series[0]])
    return np.asarray(smoothed)
