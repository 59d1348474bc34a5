"""Simple forecasts in the same table as the network: at the same origins, of the same steps.

What a method learns (cycle, weights, form) it learns from the training part; at each origin it
knows every step up to it, as the network does. Its intervals come from its own errors at earlier
origins, per series and step ahead, so that methods are compared alike.

Source: named at each row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lamina.core.table import Entry, table
from lamina.evaluation import exponential_smoothing as smoothing
from lamina.evaluation.theta import theta

_ORIGINS = 100
_FITTED = 1_000
_CYCLES = 30


@dataclass(frozen=True, slots=True)
class SeriesData:
    """What a simple forecast knows."""

    series: np.ndarray
    """float64 [steps, series] on one regular grid, NaN where unknown; others begin or end later."""
    num_fitted: int
    """First steps of the grid that belong to the training part."""
    period: int
    """Steps of a cycle; 1 for none."""
    horizon: int
    """Steps ahead."""


Method = Callable[[SeriesData, np.ndarray], np.ndarray]
"""`(data, origins)` → float64 [origins, horizon, series]; origins are rows of the grid."""


def naive(data: SeriesData, origins: np.ndarray) -> np.ndarray:
    """Return the last known value for every step.

    Args:
        data: The series.
        origins: int [origins].

    Source:
        Textbook.
    """
    last = _filled(data.series)[origins]
    return np.repeat(last[:, None, :], data.horizon, axis=1)


def seasonal_naive(data: SeriesData, origins: np.ndarray) -> np.ndarray:
    """Return the values of the last cycle, again and again.

    Args:
        data: The series.
        origins: int [origins].

    Source:
        Textbook.
    """
    steps = np.arange(1, data.horizon + 1)
    back = steps - data.period * -(-steps // data.period)
    places = np.maximum(origins[:, None] + back, 0)
    return _filled(data.series)[places]


def ets(data: SeriesData, origins: np.ndarray) -> np.ndarray:
    """Return the forecasts of exponential smoothing, the form chosen per series by AICc.

    Args:
        data: The series.
        origins: int [origins].

    Source:
        Hyndman, Koehler, Snyder and Grose 2002.
    """
    begin = max(0, data.num_fitted - max(_FITTED, _CYCLES * data.period))
    fitted = smoothing.choose(data.series[begin : data.num_fitted], data.period)
    best = np.stack([each.criterion for each in fitted]).argmin(0)
    answers = np.empty((len(origins), data.horizon, data.series.shape[1]))
    for place, each in enumerate(fitted):
        chosen = np.flatnonzero(best == place)
        if len(chosen):
            part = smoothing.Smoothing(each.model, each.weights[:, chosen], each.criterion[chosen])
            answers[:, :, chosen] = smoothing.forecast(
                data.series[:, chosen], part, data.period, origins, data.horizon
            )
    return answers


def theta_method(data: SeriesData, origins: np.ndarray) -> np.ndarray:
    """Return the forecasts of the Theta method.

    Args:
        data: The series.
        origins: int [origins].

    Source:
        Assimakopoulos and Nikolopoulos 2000.
    """
    answers = np.full((len(origins), data.horizon, data.series.shape[1]), np.nan)
    filled = _filled(data.series)
    for column in range(filled.shape[1]):
        start = int((~np.isnan(filled[:, column])).argmax())
        known = origins >= start
        answers[known, :, column] = theta(
            filled[start:, column],
            max(data.num_fitted - start, 1),
            data.period,
            origins[known] - start,
            data.horizon,
        )
    return answers


METHODS: Mapping[str, Entry[Method]] = table(
    Entry("naive", naive, "The last value, for ever.", "textbook"),
    Entry("seasonal_naive", seasonal_naive, "The last cycle, again and again.", "textbook"),
    Entry(
        "ets",
        ets,
        "Exponential smoothing, its form chosen by AICc.",
        "Hyndman, Koehler, Snyder and Grose 2002",
    ),
    Entry(
        "theta",
        theta_method,
        "Half a line, half a smoothed series of twice its bends.",
        "Assimakopoulos and Nikolopoulos 2000",
    ),
)
"""All simple forecasts by name."""


def with_levels(
    method: Method, data: SeriesData, origins: np.ndarray, levels: tuple[float, ...]
) -> np.ndarray:
    """Return forecasts with intervals out of the method's own errors at earlier origins.

    Args:
        method: One of METHODS.
        data: The series.
        origins: int [origins].
        levels: Rising, each in (0, 1).

    Returns:
        float64 [origins, horizon, series, levels].
    """
    last = data.num_fitted - 1 - data.horizon
    first = max(2 * data.period, data.num_fitted // 2) if last > 2 * data.period else 0
    earlier = np.unique(np.linspace(first, max(last, first), _ORIGINS).astype(np.int64))
    earlier = earlier[(earlier >= 0) & (earlier <= last)]
    answers = method(data, np.concatenate([earlier, origins]))
    past, wanted = answers[: len(earlier)], answers[len(earlier) :]
    if not len(earlier):
        return np.repeat(wanted[..., None], len(levels), axis=3)
    steps = earlier[:, None] + np.arange(1, data.horizon + 1)
    errors = data.series[steps] - past  # [earlier, horizon, series]
    moves = np.stack([_quantile(errors, level) for level in levels], axis=2)
    return wanted[..., None] + moves[None]


def _quantile(errors: np.ndarray, level: float) -> np.ndarray:
    """Return a quantile of the errors per step and series; of the median there is no move."""
    if level == 0.5:
        return np.zeros(errors.shape[1:])
    is_empty = np.isnan(errors).all(0)
    found = np.nanquantile(np.where(is_empty, 0.0, errors), level, axis=0)
    side = 1.0 if level > 0.5 else -1.0
    return side * np.maximum(side * found, 0.0)


def _filled(series: np.ndarray) -> np.ndarray:
    """Return the series with each gap filled by the last known value; NaN before the first one."""
    is_known = ~np.isnan(series)
    rows = np.where(is_known, np.arange(len(series))[:, None], 0)
    return np.take_along_axis(series, np.maximum.accumulate(rows, axis=0), axis=0)
