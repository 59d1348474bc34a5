"""Metrics of predicted numbers and quantiles; several targets are averaged with equal weight.

Source: named at each function; equal to scikit-learn where that library has the metric.
"""

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.weights import mean_defined, ratio, row_weights, weighted_mean


def rmse(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Root of the mean squared error.

    Args:
        predictions: Numbers, or quantiles (the middle one counts).
        targets: float [rows, targets].
        weights: [..., rows].

    Units:
        That of the target.

    Source:
        Gauss 1809.
    """
    weights = row_weights(weights, predictions.num_rows)
    squares = _errors(predictions, targets) ** 2
    return np.sqrt(_per_target(weights, squares)).mean(-1)


def mae(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean absolute error.

    Args:
        predictions: Numbers, or quantiles (the middle one counts).
        targets: float [rows, targets].
        weights: [..., rows].

    Units:
        That of the target.

    Source:
        Laplace 1774.
    """
    weights = row_weights(weights, predictions.num_rows)
    return weighted_mean(weights, np.abs(_errors(predictions, targets)).mean(1))


def r2(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of the variance explained; 0 for the mean of the sample, negative for worse.

    Args:
        predictions: Numbers, or quantiles (the middle one counts).
        targets: float [rows, targets].
        weights: [..., rows].

    Returns:
        NaN where the target does not vary.

    Source:
        Wright 1921, "Correlation and causation".
    """
    weights = row_weights(weights, predictions.num_rows)
    # Centred first, so that the variance does not drown in rounding.
    centred = targets - targets.mean(0) if targets.size else targets
    variance = _per_target(weights, centred**2) - _per_target(weights, centred) ** 2
    squares = _per_target(weights, _errors(predictions, targets) ** 2)
    scale = np.abs(targets).max(0, initial=0.0) ** 2
    flat = variance <= 1e-24 * scale
    value = 1 - ratio(squares, np.where(flat, 0.0, variance))
    return mean_defined(value)


def median_absolute_error(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Median of the absolute error.

    Args:
        predictions: Numbers, or quantiles (the middle one counts).
        targets: float [rows, targets].
        weights: [..., rows].

    Units:
        That of the target.

    Source:
        Gauss 1816; textbook.
    """
    weights = row_weights(weights, predictions.num_rows)
    errors = np.abs(_errors(predictions, targets))
    columns = [_weighted_median(errors[:, column], weights) for column in range(errors.shape[1])]
    return np.stack(columns, -1).mean(-1)


def mape(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean absolute error as a share of the true value.

    Args:
        predictions: Numbers, or quantiles (the middle one counts).
        targets: float [rows, targets].
        weights: [..., rows].

    Returns:
        NaN where it means nothing: a target of mixed sign, or one that comes near zero (below a
        thousandth of its median).

    Source:
        Makridakis 1993, "Accuracy measures: theoretical and practical concerns".
    """
    weights = row_weights(weights, predictions.num_rows)
    size = np.abs(targets)
    one_sign = (targets > 0).all(0) | (targets < 0).all(0)
    if not targets.size or not (one_sign & (size.min(0) > np.median(size, axis=0) / 1000)).all():
        return np.full(weights.shape[:-1], np.nan)
    return weighted_mean(weights, np.abs(_errors(predictions, targets) / targets).mean(1))


def pinball_loss(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean quantile loss over all levels.

    Args:
        predictions: Quantiles.
        targets: float [rows, 1].
        weights: [..., rows].

    Units:
        That of the target.

    Source:
        Koenker and Bassett 1978, "Regression quantiles".
    """
    weights = row_weights(weights, predictions.num_rows)
    gap = targets.reshape(-1, 1) - predictions.values
    levels = np.asarray(predictions.levels)
    return weighted_mean(weights, np.maximum(levels * gap, (levels - 1) * gap).mean(1))


def coverage(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of targets between the lowest and the highest quantile, ends included.

    Args:
        predictions: Quantiles.
        targets: float [rows, 1].
        weights: [..., rows].

    Returns:
        Should equal the difference of the two levels.

    Source:
        Textbook.
    """
    weights = row_weights(weights, predictions.num_rows)
    truth = targets.reshape(-1)
    inside = (truth >= predictions.values[:, 0]) & (truth <= predictions.values[:, -1])
    return weighted_mean(weights, inside)


def coverage_error(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Distance of `coverage` from what the levels promise.

    Args:
        predictions: Quantiles.
        targets: float [rows, 1].
        weights: [..., rows].

    Source:
        Textbook.
    """
    promised = predictions.levels[-1] - predictions.levels[0]
    return np.abs(coverage(predictions, targets, weights=weights) - promised)


def _errors(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    return predictions.decided() - targets.reshape(predictions.num_rows, -1)


def _per_target(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return weighted means [..., targets] of values [rows, targets]."""
    return ratio(weights @ values, weights.sum(-1)[..., None])


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    if not values.size:
        return np.full(weights.shape[:-1], np.nan)
    order = np.argsort(values)
    running = np.cumsum(weights[..., order], axis=-1)
    half = running[..., -1:] / 2
    lower, upper = (running >= half).argmax(-1), (running > half).argmax(-1)
    return (values[order][lower] + values[order][upper]) / 2
