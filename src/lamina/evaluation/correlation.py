"""How well predicted numbers follow the true ones, whatever their level and scale.

Several targets are averaged with equal weight. Quantiles are judged by the middle one.
"""

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.weights import mean_defined, ratio, row_weights


def pearson(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Correlation of predicted and true numbers: 1 where they lie on a rising line.

    Args:
        predictions: Numbers, or quantiles (the middle one counts).
        targets: float [rows, targets].
        weights: [..., rows].

    Returns:
        NaN where the answers or the truth do not vary.

    Source:
        Pearson 1896, "Regression, heredity and panmixia".
    """
    weights = row_weights(weights, predictions.num_rows)
    pairs = _columns(predictions, targets)
    return mean_defined(np.stack([_correlation(*pair, weights) for pair in pairs], -1))


def spearman(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Correlation of the ranks of predicted and true numbers; equal numbers share their ranks.

    Args:
        predictions: Numbers, or quantiles (the middle one counts).
        targets: float [rows, targets].
        weights: [..., rows]; a row of weight 2 counts as two rows.

    Returns:
        NaN where the answers or the truth do not vary.

    Source:
        Spearman 1904, "The proof and measurement of association between two things".
    """
    weights = row_weights(weights, predictions.num_rows)
    found = [
        _correlation(_ranks(answers, weights), _ranks(truth, weights), weights)
        for answers, truth in _columns(predictions, targets)
    ]
    return mean_defined(np.stack(found, -1))


def _columns(predictions: Predictions, targets: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return answers and truth of each target."""
    truth = targets.reshape(predictions.num_rows, -1)
    return list(zip(predictions.decided().T, truth.T))


def _correlation(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted correlation of numbers [..., rows], of the shape [...]."""
    one, other = _centred(first, weights), _centred(second, weights)
    spreads = (weights * one**2).sum(-1), (weights * other**2).sum(-1)
    # What varies by rounding alone does not vary.
    flat = [
        spread <= 1e-24 * weights.sum(-1) * np.abs(values).max(initial=0.0) ** 2
        for spread, values in zip(spreads, (first, second))
    ]
    scale = np.where(flat[0] | flat[1], 0.0, np.sqrt(spreads[0] * spreads[1]))
    return np.clip(ratio((weights * one * other).sum(-1), scale), -1.0, 1.0)


def _centred(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    mean = ratio((weights * values).sum(-1), weights.sum(-1))
    return np.asarray(values - mean[..., None])


def _ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the middle rank of each row's value, [..., rows].

    Args:
        values: [rows].
        weights: [..., rows]; as many equal rows.
    """
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[..., order], axis=-1)
    _, first, times = np.unique(values[order], return_index=True, return_counts=True)
    last = first + times - 1
    above = running[..., last]
    below = np.concatenate([np.zeros_like(above[..., :1]), above[..., :-1]], axis=-1)
    ranks = np.empty(running.shape)
    ranks[..., order] = np.repeat((above + below) / 2, times, axis=-1)
    return ranks
