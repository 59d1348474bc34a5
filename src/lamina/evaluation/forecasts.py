"""Forecasts of several steps ahead, and the figures that judge them.

Figures are means over all steps and series whose truth is known; errors in the unit of the series
are divided by a yardstick of each series first, so that large ones do not drown small ones.

Source: named at each function.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lamina.core.errors import DataError
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.weights import ratio, row_weights


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Quantiles of the next steps of some series, at some origins.

    The truth is float [rows, horizon, channels], NaN where it is not known.
    """

    values: np.ndarray
    """float64 [rows, horizon, channels, levels], in the unit of the series, rising in the levels;
    a row is an origin, of one series or of several side by side."""
    levels: tuple[float, ...]
    """Rising, each in (0, 1), 0.5 among them; (0.5,) for forecasts without intervals."""
    deviations: np.ndarray
    """float64 [rows, channels], standard deviation of the series in the training part."""
    naive_errors: np.ndarray
    """float64 [rows, channels], mean absolute error of the seasonal naive in the training part."""

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 4 or values.shape[3] != len(self.levels):
            raise DataError(
                "forecasts must have shape [rows, horizon, channels, levels] with "
                f"{len(self.levels)} levels, got {list(values.shape)}."
            )
        if 0.5 not in self.levels or list(self.levels) != sorted(set(self.levels)):
            raise DataError(f"levels must rise and hold 0.5, got {self.levels!r}.")
        yardstick = (values.shape[0], values.shape[2])
        for name in ("deviations", "naive_errors"):
            found = np.asarray(getattr(self, name), dtype=np.float64)
            if found.shape != yardstick:
                raise DataError(
                    f"{name} must have shape [rows, channels] = {list(yardstick)}, got "
                    f"{list(found.shape)}."
                )
            object.__setattr__(self, name, found)
        object.__setattr__(self, "values", values)

    @property
    def num_rows(self) -> int:
        """How many origins were answered."""
        return int(self.values.shape[0])

    def middle(self) -> np.ndarray:
        """Return the medians, float64 [rows, horizon, channels]."""
        return self.values[..., self.levels.index(0.5)]

    def rows(self, index: np.ndarray) -> "Forecasts":
        """Return the forecasts at some origins.

        Args:
            index: Row numbers, or a boolean mask.
        """
        return Forecasts(
            self.values[index], self.levels, self.deviations[index], self.naive_errors[index]
        )


def as_forecasts(predictions: Predictions, targets: np.ndarray) -> tuple["Forecasts", np.ndarray]:
    """Return predictions of the kind "forecasts" with their yardsticks, and the truth.

    Args:
        predictions: The answers.
        targets: float [rows, steps + 2, series].
    """
    steps, channels = targets.shape[1] - 2, targets.shape[2]
    shape = (predictions.num_rows, steps, channels, len(predictions.levels))
    values = predictions.values.reshape(shape)
    forecasts = Forecasts(values, predictions.levels, targets[:, steps], targets[:, steps + 1])
    return forecasts, targets[:, :steps]


def measured(
    figure: Callable[..., np.ndarray],
    predictions: Predictions,
    targets: np.ndarray,
    *,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Return a figure of predictions of the kind "forecasts".

    Args:
        figure: One of this file.
        predictions: The answers.
        targets: float [rows, steps + 2, series].
        weights: [..., rows].
    """
    forecasts, truth = as_forecasts(predictions, targets)
    return figure(forecasts, truth, weights=weights)


def scaled_mse(
    forecasts: Forecasts, truth: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean squared error of the medians, of series scaled to a training deviation of 1.

    Args:
        forecasts: The forecasts.
        truth: float [rows, horizon, channels], NaN where unknown.
        weights: [..., rows].

    Source:
        Zhou et al. 2021, "Informer", arXiv:2012.07436 (the custom of scaling).
    """
    errors = _errors(forecasts, truth) / _yardstick(forecasts.deviations)
    return _mean(errors**2, forecasts, weights)


def scaled_mae(
    forecasts: Forecasts, truth: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean absolute error of the medians, of series scaled to a training deviation of 1.

    Args:
        forecasts: The forecasts.
        truth: float [rows, horizon, channels], NaN where unknown.
        weights: [..., rows].

    Source:
        Zhou et al. 2021, arXiv:2012.07436 (the custom of scaling).
    """
    errors = _errors(forecasts, truth) / _yardstick(forecasts.deviations)
    return _mean(np.abs(errors), forecasts, weights)


def mase(
    forecasts: Forecasts, truth: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean absolute error, in units of the seasonal naive's one in the training part.

    Args:
        forecasts: The forecasts.
        truth: float [rows, horizon, channels], NaN where unknown.
        weights: [..., rows].

    Source:
        Hyndman and Koehler 2006, "Another look at measures of forecast accuracy".
    """
    errors = _errors(forecasts, truth) / _yardstick(forecasts.naive_errors)
    return _mean(np.abs(errors), forecasts, weights)


def smape(
    forecasts: Forecasts, truth: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Symmetric mean absolute percentage error, from 0 to 200.

    Args:
        forecasts: The forecasts.
        truth: float [rows, horizon, channels], NaN where unknown.
        weights: [..., rows].

    Source:
        Makridakis, Spiliotis and Assimakopoulos 2020, "The M4 competition".
    """
    size = np.abs(forecasts.middle()) + np.abs(truth)
    shares = ratio(200 * np.abs(_errors(forecasts, truth)), size, empty=0.0)
    return _mean(np.where(np.isnan(truth), np.nan, shares), forecasts, weights)


def crps(
    forecasts: Forecasts, truth: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Continuous ranked probability score from quantiles, in training deviations.

    Twice the pinball loss, integrated over the levels; each stands for the levels that are nearer
    to it than to any other. For the median alone it is the absolute error.

    Args:
        forecasts: The forecasts.
        truth: float [rows, horizon, channels], NaN where unknown.
        weights: [..., rows].

    Source:
        Matheson and Winkler 1976; Gneiting and Ranjan 2011, equation 13. Differs: levels at any
        distance.
    """
    levels = np.asarray(forecasts.levels)
    borders = np.concatenate(([0.0], (levels[1:] + levels[:-1]) / 2, [1.0]))
    total = np.zeros(truth.shape)
    for place, (level, share) in enumerate(zip(levels, np.diff(borders), strict=True)):
        gap = truth - forecasts.values[..., place]
        total += 2 * share * np.maximum(level * gap, (level - 1) * gap)
    return _mean(total / _yardstick(forecasts.deviations), forecasts, weights)


def interval_coverage(
    forecasts: Forecasts, truth: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of the truth between the lowest and the highest level, ends included.

    Args:
        forecasts: The forecasts.
        truth: float [rows, horizon, channels], NaN where unknown.
        weights: [..., rows].

    Returns:
        Should equal the difference of the two levels.

    Source:
        Textbook.
    """
    inside = (truth >= forecasts.values[..., 0]) & (truth <= forecasts.values[..., -1])
    return _mean(np.where(np.isnan(truth), np.nan, inside), forecasts, weights)


def interval_width(
    forecasts: Forecasts, truth: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean distance of the highest level from the lowest, in training deviations.

    Args:
        forecasts: The forecasts.
        truth: float [rows, horizon, channels], NaN where unknown.
        weights: [..., rows].

    Source:
        Textbook.
    """
    width = (forecasts.values[..., -1] - forecasts.values[..., 0]) / _yardstick(
        forecasts.deviations
    )
    return _mean(np.where(np.isnan(truth), np.nan, width), forecasts, weights)


def seasonal_naive_error(series: np.ndarray, period: int) -> np.ndarray:
    """Return the mean absolute change over one period, the yardstick of `mase`.

    Args:
        series: float [steps, channels], NaN where unknown.
        period: Steps of a cycle; 1 for none.

    Returns:
        float64 [channels]; NaN where no two steps lie a period apart.

    Source:
        Hyndman and Koehler 2006.
    """
    changes = np.abs(series[period:] - series[:-period])
    is_known = ~np.isnan(changes)
    return ratio(np.where(is_known, changes, 0.0).sum(0), is_known.sum(0).astype(np.float64))


def _errors(forecasts: Forecasts, truth: np.ndarray) -> np.ndarray:
    middle = forecasts.middle()
    if truth.shape != middle.shape:
        raise DataError(
            f"the truth has shape {list(truth.shape)}, forecasts {list(middle.shape)}; they must "
            "be the same origins, steps and series."
        )
    return middle - truth


def _yardstick(lengths: np.ndarray) -> np.ndarray:
    """Return lengths [rows, 1, channels]; NaN, which is left out, where a series never moved."""
    return np.where(lengths > 0, lengths, np.nan)[:, None, :]


def _mean(cells: np.ndarray, forecasts: Forecasts, weights: np.ndarray | None) -> np.ndarray:
    """Return the weighted mean of all cells [rows, horizon, channels] that are known."""
    weights = row_weights(weights, forecasts.num_rows)
    is_known = ~np.isnan(cells)
    sums = np.where(is_known, cells, 0.0).sum((1, 2))
    return ratio(weights @ sums, weights @ is_known.sum((1, 2)).astype(np.float64))
