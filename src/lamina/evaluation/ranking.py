"""Area under the ROC curve and average precision, under row weights, with their derivatives.

The derivative by the weight of each row (the influence of the row) gives the spread of the metric
over resamples to first order, which is what keeps intervals over many classes affordable.

Source: Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve"; DeLong, DeLong
and Clarke-Pearson 1988 (placements as influence). Average precision is the step-wise sum that
scikit-learn uses; ties are taken as one step.
"""

import numpy as np

from lamina.evaluation.weights import ratio


def binary_auc(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of one score.

    Args:
        scores: float [rows].
        positive: bool [rows].
        weights: [..., rows].

    Returns:
        Shape [...]; NaN where one of the two classes has no weight.

    Source:
        Hanley and McNeil 1982.
    """
    negatives = np.flatnonzero(~positive)
    negatives = negatives[np.argsort(scores[negatives], kind="stable")]
    positives = np.flatnonzero(positive)
    below = _cumulative(weights[..., negatives])
    left = np.searchsorted(scores[negatives], scores[positives], side="left")
    right = np.searchsorted(scores[negatives], scores[positives], side="right")
    hits = below[..., left] + below[..., right]
    mass = weights[..., positives]
    total = np.einsum("...i,...i->...", mass, hits) / 2
    return ratio(total, mass.sum(-1) * below[..., -1])


def binary_average_precision(
    scores: np.ndarray, positive: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Average precision of one score.

    Args:
        scores: float [rows].
        positive: bool [rows].
        weights: [..., rows].

    Returns:
        Shape [...]; NaN where no positive row has weight.

    Source:
        Step-wise sum over recall, as in scikit-learn.
    """
    order = np.argsort(-scores, kind="stable")
    is_positive = positive[order]
    sorted_weights = weights[..., order]
    ends = np.searchsorted(-scores[order], -scores[order][is_positive], side="right")
    everything = _cumulative(sorted_weights)[..., ends]
    mass = sorted_weights[..., is_positive]
    # Positives above each end: the ends in terms of positive rows alone.
    hits = _cumulative(mass)[..., np.searchsorted(np.flatnonzero(is_positive), ends)]
    precision = ratio(hits, everything, empty=0.0)
    return ratio(np.einsum("...i,...i->...", mass, precision), mass.sum(-1))


def auc_influence(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Derivative of the area under the ROC curve by the weight of each row, at weight one.

    Args:
        scores: float [rows].
        positive: bool [rows].

    Returns:
        float64 [rows]; NaN where a class is absent.

    Source:
        DeLong, DeLong and Clarke-Pearson 1988.
    """
    high, low = np.sort(scores[positive]), np.sort(scores[~positive])
    if not high.size or not low.size:
        return np.full(scores.shape, np.nan)
    below = (np.searchsorted(low, scores, "left") + np.searchsorted(low, scores, "right")) / 2
    under = (np.searchsorted(high, scores, "left") + np.searchsorted(high, scores, "right")) / 2
    area = below[positive].mean() / low.size
    return np.where(
        positive,
        (below / low.size - area) / high.size,
        (1 - under / high.size - area) / low.size,
    )


def average_precision_influence(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Derivative of average precision by the weight of each row, at weight one.

    Args:
        scores: float [rows].
        positive: bool [rows].

    Returns:
        float64 [rows]; NaN where no row is positive.

    Source:
        Our own differentiation of the step-wise sum.
    """
    num_positive = int(positive.sum())
    if not num_positive:
        return np.full(scores.shape, np.nan)
    order = np.argsort(-scores, kind="stable")
    falling, is_positive = -scores[order], positive[order].astype(np.float64)
    ends = np.searchsorted(falling, falling, side="right")
    starts = np.searchsorted(falling, falling, side="left")
    hits = np.concatenate([[0.0], np.cumsum(is_positive)])[ends]
    precision = hits / ends
    value = (is_positive * precision).sum() / num_positive
    # Sums over the positive rows whose score is not above the row's own.
    inverse = _suffix(is_positive / ends)[starts]
    slope = _suffix(is_positive * precision / ends)[starts]
    sorted_influence = (is_positive * (precision - value + inverse) - slope) / num_positive
    influence = np.empty_like(sorted_influence)
    influence[order] = sorted_influence
    return influence


def _cumulative(weights: np.ndarray) -> np.ndarray:
    """Return running sums with a leading zero, [..., rows + 1]."""
    result = np.zeros((*weights.shape[:-1], weights.shape[-1] + 1))
    np.cumsum(weights, axis=-1, out=result[..., 1:])
    return result


def _suffix(values: np.ndarray) -> np.ndarray:
    return np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
