"""Metrics of masks: how far the pixels given to a class are those that show it.

Counts of pixels are summed over all rows before they are divided, so that resamples of rows
(weights) give intervals without counting anew. Pixels of which nothing is known count nowhere.

Source: Everingham et al. 2010, "The Pascal visual object classes challenge"; Long et al. 2015,
"Fully convolutional networks for semantic segmentation", arXiv:1411.4038.
"""

import numpy as np

from lamina.evaluation.predictions import VOID, Predictions
from lamina.evaluation.weights import mean_defined, ratio, row_weights


def mean_iou(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean over classes of intersection over union; classes that nowhere occur do not count.

    Args:
        predictions: Masks.
        targets: uint8 [rows, pixels].
        weights: [..., rows].

    Source:
        Everingham et al. 2010.
    """
    own, _ = overlaps(_sums(predictions, targets, weights))
    return np.asarray(mean_defined(own))


def pixel_accuracy(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of known pixels of the right class.

    Args:
        predictions: Masks.
        targets: uint8 [rows, pixels].
        weights: [..., rows].

    Source:
        Textbook.
    """
    sums = _sums(predictions, targets, weights)
    return ratio(np.trace(sums, axis1=-2, axis2=-1), sums.sum((-2, -1)))


def frequency_weighted_iou(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean over classes of intersection over union, by their pixels.

    Args:
        predictions: Masks.
        targets: uint8 [rows, pixels].
        weights: [..., rows].

    Source:
        Long et al. 2015, arXiv:1411.4038, section 5.
    """
    sums = _sums(predictions, targets, weights)
    own, true = overlaps(sums)
    return ratio((np.nan_to_num(own) * true).sum(-1), true.sum(-1))


def row_overlaps(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    """Return the mean over classes of intersection over union of each row, float64 [rows].

    Args:
        predictions: Masks.
        targets: uint8 [rows, pixels].
    """
    return np.asarray(mean_defined(overlaps(confusions(predictions, targets))[0]))


def confusions(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    """Return the pixels of each true class and each answer, float64 [rows, classes, classes].

    Args:
        predictions: Masks.
        targets: uint8 [rows, pixels].
    """
    size = predictions.num_classes
    found = np.zeros((predictions.num_rows, size, size))
    for row, (own, true) in enumerate(zip(predictions.values, targets)):
        is_known = true != VOID
        pairs = true[is_known].astype(np.int64) * size + own[is_known]
        found[row] = np.bincount(pairs, minlength=size * size).reshape(size, size)
    return found


def _sums(predictions: Predictions, targets: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    own = row_weights(weights, predictions.num_rows)
    return weighted_counts(own, confusions(predictions, targets))


def weighted_counts(weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return weighted sums of rows, [..., classes, classes].

    Args:
        weights: [..., rows].
        counts: [rows, classes, classes].
    """
    flat = weights @ counts.reshape(len(counts), counts.shape[1] * counts.shape[2])
    return np.asarray(flat.reshape(*weights.shape[:-1], *counts.shape[1:]))


def overlaps(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return intersection over union of each class, NaN where it nowhere occurs, and its pixels.

    Args:
        counts: [..., classes, classes], as `confusions` gives them.

    Returns:
        Both [..., classes].
    """
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    true, given = counts.sum(-1), counts.sum(-2)
    return ratio(right, true + given - right), true
