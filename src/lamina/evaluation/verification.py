"""Are two rows of one identity? Error rates over all pairs of rows, by the cosine of embeddings.

Every pair of two different rows is asked once; a row's weight counts in all its pairs. Beyond a
thousand rows evenly spaced ones stand for all, since pairs grow with the square.

Source: Grother and Ngan, "Face recognition vendor test", NIST IR 8238 (rates at thresholds); Huang
et al. 2007, "Labeled faces in the wild" (verification).
"""

from collections.abc import Callable, Iterator

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.weights import ratio, row_weights

Rate = Callable[[np.ndarray, np.ndarray], float]
"""Cumulated weights of accepted pairs of one identity, and of two, to an error rate."""

_MOST_ROWS = 1_000


def vectors_of(predictions: Predictions) -> np.ndarray:
    """Return the embeddings alone, float64 [rows, width].

    Args:
        predictions: Embeddings.
    """
    return predictions.values[:, 2:]


def verification_auc(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Chance that a pair of one identity is closer than a pair of two.

    Args:
        predictions: Embeddings.
        targets: Identity of each row, float64 [rows, 1].
        weights: [..., rows]; None for ones.
    """

    def area(same: np.ndarray, other: np.ndarray) -> float:
        steps = np.diff(same, prepend=0.0)
        # Ends of a run of equal cosines are the same pair's; ties count half.
        halfway = np.concatenate([[0.0], other[:-1]]) + np.diff(other, prepend=0.0) / 2
        return float((steps * (other[-1] - halfway)).sum() / (same[-1] * other[-1]))

    return _over_pairs(predictions, targets, weights, area)


def equal_error_rate(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of wrong answers where as many pairs are wrongly taken for one as for two.

    Args:
        predictions: Embeddings.
        targets: Identity of each row, float64 [rows, 1].
        weights: [..., rows]; None for ones.
    """

    def rate(same: np.ndarray, other: np.ndarray) -> float:
        accepted = np.concatenate([[0.0], other / other[-1]])
        rejected = np.concatenate([[1.0], 1 - same / same[-1]])
        place = int(np.searchsorted(accepted - rejected, 0.0))
        before = max(place - 1, 0)
        gaps = (rejected - accepted)[[before, place]]
        share = 0.0 if gaps[0] == gaps[1] else gaps[0] / (gaps[0] - gaps[1])
        return float(accepted[before] + share * (accepted[place] - accepted[before]))

    return _over_pairs(predictions, targets, weights, rate)


def accepted_at_1_percent(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of pairs of one identity that are accepted where 1 % of those of two are.

    Args:
        predictions: Embeddings.
        targets: Identity of each row, float64 [rows, 1].
        weights: [..., rows]; None for ones.
    """

    def rate(same: np.ndarray, other: np.ndarray) -> float:
        is_allowed = other <= 0.01 * other[-1]
        return float(same[is_allowed].max(initial=0.0) / same[-1])

    return _over_pairs(predictions, targets, weights, rate)


def rank_1(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of rows whose nearest other row is of the same identity, of those that have one.

    Args:
        predictions: Embeddings.
        targets: Identity of each row, float64 [rows, 1].
        weights: [..., rows]; None for ones.
    """
    own, other = nearest(vectors_of(predictions), targets[:, 0])
    counts = np.isfinite(own) * row_weights(weights, predictions.num_rows)
    return ratio(((own >= other) * counts).sum(-1), counts.sum(-1))


def nearest(vectors: np.ndarray, identities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's greatest cosine with another row of its identity, and of other identities.

    Args:
        vectors: Embeddings, float [rows, width].
        identities: [rows].

    Returns:
        Two of float64 [rows], minus infinity where there is no such row.
    """
    own = np.full(len(vectors), -np.inf)
    other = np.full(len(vectors), -np.inf)
    for start in range(0, len(vectors), _MOST_ROWS):
        rows = np.arange(start, min(start + _MOST_ROWS, len(vectors)))
        cosines = vectors[rows] @ vectors.T
        cosines[np.arange(len(rows)), rows] = -np.inf
        is_same = identities[rows][:, None] == identities
        own[rows] = np.where(is_same, cosines, -np.inf).max(axis=1, initial=-np.inf)
        other[rows] = np.where(is_same, -np.inf, cosines).max(axis=1, initial=-np.inf)
    return own, other


def pairs(
    vectors: np.ndarray, identities: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return all pairs of two rows, the closest first.

    Args:
        vectors: Embeddings, float [rows, width].
        identities: [rows].

    Returns:
        First and second rows, int64 [pairs]; whether they are of one identity; their cosines.
    """
    first, second = np.triu_indices(len(vectors), k=1)
    cosines = (vectors @ vectors.T)[first, second]
    order = np.argsort(-cosines, kind="stable")
    first, second = first[order], second[order]
    return first, second, identities[first] == identities[second], cosines[order]


def error_curve(
    predictions: Predictions, targets: np.ndarray, *, count: int = 101
) -> tuple[tuple[float, float, float], ...]:
    """Return how often pairs are answered wrongly at rising thresholds of the cosine.

    Args:
        predictions: Embeddings.
        targets: Identity of each row, float64 [rows, 1].
        count: Thresholds, evenly spread from -1 to 1.

    Returns:
        Threshold, share of pairs of two identities accepted, share of pairs of one rejected; ()
        where there is no pair of one of the kinds.
    """
    spaced = _spaced(predictions.num_rows)
    _, _, is_same, cosines = pairs(vectors_of(predictions)[spaced], targets[spaced, 0])
    if not is_same.any() or is_same.all():
        return ()
    same, other = np.sort(cosines[is_same]), np.sort(cosines[~is_same])
    thresholds = np.linspace(-1.0, 1.0, count)
    accepted = 1 - np.searchsorted(other, thresholds) / len(other)
    rejected = np.searchsorted(same, thresholds) / len(same)
    return tuple(zip(thresholds.tolist(), accepted.tolist(), rejected.tolist()))


def _spaced(num_rows: int) -> np.ndarray:
    return np.linspace(0, num_rows - 1, min(num_rows, _MOST_ROWS)).astype(np.int64)


def _over_pairs(
    predictions: Predictions, targets: np.ndarray, weights: np.ndarray | None, rate: Rate
) -> np.ndarray:
    """Return a rate of the weights of accepted pairs, for each row of weights."""
    num_rows = predictions.num_rows
    spaced = _spaced(num_rows)
    counts = row_weights(weights, num_rows)[..., spaced]
    first, second, is_same, cosines = pairs(vectors_of(predictions)[spaced], targets[spaced, 0])
    # Equal cosines are accepted together.
    ends = np.flatnonzero(np.diff(cosines, append=-np.inf) != 0)
    found = np.full(counts.shape[:-1], np.nan)
    for place, own in _each(counts):
        mass = own[first] * own[second]
        same, other = (np.cumsum(mass * part)[ends] for part in (is_same, ~is_same))
        if len(ends) and same[-1] > 0 and other[-1] > 0:
            found[place] = rate(same, other)
    return found


def _each(counts: np.ndarray) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    for place in np.ndindex(counts.shape[:-1]):
        yield place, counts[place]
