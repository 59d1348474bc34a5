"""Metrics of boxes by the protocol of COCO: average precision over classes and overlaps.

A box is right if it overlaps a box of its class in the truth that no surer one has taken. Boxes are
matched once; resamples of pictures (weights) only count again. Precision is read at 101 levels of
recall, of the 100 surest boxes per picture and class, of every size.

Source: Lin et al. 2014, "Microsoft COCO", arXiv:1405.0312; its reference code `pycocotools`.
Differs: written for all pictures at once; weights of pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.runtime.boxes import candidates_in, kept_boxes, overlaps

OVERLAPS = np.linspace(0.5, 0.95, 10)
"""Overlaps from which on a box is right."""

RECALLS = np.linspace(0, 1, 101)
"""Levels of recall at which precision is read."""

_MOST = 100
_CHUNK_NUMBERS = 2_000_000

Score = Callable[[np.ndarray | None], np.ndarray]
"""Weights of pictures [..., rows], or None, to a metric [...]."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Boxes of one class in all pictures, the surest first."""

    rows: np.ndarray
    """int64 [boxes]: the picture of each."""
    scores: np.ndarray
    """float64 [boxes]."""
    is_right: np.ndarray
    """bool [overlaps, boxes]: whether it has a box of the truth of its own."""
    num_true: np.ndarray
    """float64 [rows]: boxes of the class in the truth of each picture."""


def matched(predictions: Predictions, targets: np.ndarray) -> tuple[Matches, ...]:
    """Return the boxes of each class with what they match.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5]: class and corners, class -1 where there is none.
    """
    kept = kept_boxes(candidates_in(predictions.values, predictions.num_classes))
    return tuple(_matched(kept, targets, place) for place in range(predictions.num_classes))


def average_precisions(
    matches: tuple[Matches, ...], weights: np.ndarray, levels: slice
) -> np.ndarray:
    """Return the average precision of each class, mean over overlaps, float64 [samples, classes].

    NaN where the truth has no box of a class.

    Args:
        matches: Boxes of each class.
        weights: float [samples, rows].
        levels: Which of the overlaps.
    """
    found = np.full((len(weights), len(matches)), np.nan)
    for place, own in enumerate(matches):
        size = max(1, _CHUNK_NUMBERS // max(1, len(own.rows)))
        for start in range(0, len(weights), size):
            some = weights[start : start + size]
            found[start : start + size, place] = _precision(own, some, levels)
    return found


def map_score(predictions: Predictions, targets: np.ndarray, *, levels: slice) -> Score:
    """Return mean average precision as a function of weights alone.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
        levels: Which of the overlaps.
    """
    matches = matched(predictions, targets)

    def score(weights: np.ndarray | None) -> np.ndarray:
        given = np.ones(predictions.num_rows) if weights is None else np.asarray(weights)
        flat = given.reshape(-1, predictions.num_rows).astype(np.float64)
        values = average_precisions(matches, flat, levels)
        is_known = ~np.isnan(values)
        total = np.where(is_known, values, 0.0).sum(axis=1)
        count = is_known.sum(axis=1)
        mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return mean.reshape(given.shape[:-1])

    return score


def map50_95_score(predictions: Predictions, targets: np.ndarray) -> Score:
    """Return the mean over overlaps from .5 to .95 as a function of weights.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
    """
    return map_score(predictions, targets, levels=slice(None))


def map50_score(predictions: Predictions, targets: np.ndarray) -> Score:
    """Return mean average precision at an overlap of .5 as a function of weights.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
    """
    return map_score(predictions, targets, levels=slice(0, 1))


def map75_score(predictions: Predictions, targets: np.ndarray) -> Score:
    """Return mean average precision at an overlap of .75 as a function of weights.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
    """
    return map_score(predictions, targets, levels=slice(5, 6))


def map50_95(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean over classes and over overlaps from .5 to .95 of the average precision.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
        weights: [..., rows].

    Source:
        arXiv:1405.0312.
    """
    return map50_95_score(predictions, targets)(weights)


def map50(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean over classes of the average precision at an overlap of .5.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
        weights: [..., rows].

    Source:
        Everingham et al. 2010; arXiv:1405.0312.
    """
    return map50_score(predictions, targets)(weights)


def map75(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean over classes of the average precision at an overlap of .75.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
        weights: [..., rows].

    Source:
        arXiv:1405.0312.
    """
    return map75_score(predictions, targets)(weights)


def _matched(kept: np.ndarray, targets: np.ndarray, place: int) -> Matches:
    """Match the boxes of one class in all pictures, one rank of boxes after the other."""
    is_own, is_true = kept[..., 0] == place, targets[..., 0] == place
    boxes = _front(kept[..., 1:], is_own)[:, :_MOST]
    truth = _front(targets[..., 1:], is_true)
    counts = is_own.sum(axis=1).clip(max=boxes.shape[1])
    num_true = is_true.sum(axis=1)
    shared = overlaps(boxes[..., 1:], truth)
    is_gap = np.arange(truth.shape[1]) >= num_true[:, None]
    shared = np.where(is_gap[:, None, :], -1.0, shared)
    is_free = np.ones((len(kept), len(OVERLAPS), truth.shape[1]), dtype=bool)
    is_right = np.zeros((len(OVERLAPS), len(kept), boxes.shape[1]), dtype=bool)
    for rank in range(boxes.shape[1] if truth.shape[1] else 0):
        own = np.where(is_free, shared[:, None, rank], -1.0)
        # Of equal overlaps the reference takes the last.
        best = own.shape[2] - 1 - own[..., ::-1].argmax(axis=2)
        value = np.take_along_axis(own, best[..., None], axis=2)[..., 0]
        hit = (value >= np.minimum(OVERLAPS, 1 - 1e-10)) & (rank < counts)[:, None]
        is_right[:, :, rank] = hit.T
        at = np.nonzero(hit)
        is_free[at[0], at[1], best[at]] = False
    is_real = np.arange(boxes.shape[1]) < counts[:, None]
    rows, ranks = np.nonzero(is_real)
    scores = boxes[rows, ranks, 0]
    order = np.argsort(-scores, kind="stable")
    rows, ranks = rows[order], ranks[order]
    return Matches(rows, scores[order], is_right[:, rows, ranks], num_true.astype(np.float64))


def _front(values: np.ndarray, is_wanted: np.ndarray) -> np.ndarray:
    """Return the wanted elements of each row at its front, as many columns as the fullest needs."""
    most = int(is_wanted.sum(axis=1).max(initial=0))
    order = np.argsort(~is_wanted, axis=1, kind="stable")[:, :most]
    return np.take_along_axis(values, order[..., None], axis=1).astype(np.float64)


def _precision(own: Matches, weights: np.ndarray, levels: slice) -> np.ndarray:
    """Return the average precision of one class, mean over overlaps, float64 [samples]."""
    total = weights @ own.num_true
    counted = weights[:, own.rows]
    every = np.maximum(np.cumsum(counted, axis=1), 1e-12)
    found = []
    for is_right in own.is_right[levels]:
        right = np.cumsum(np.where(is_right, counted, 0.0), axis=1)
        precision = np.maximum.accumulate((right / every)[:, ::-1], axis=1)[:, ::-1]
        recall = right / np.maximum(total, 1e-12)[:, None]
        found.append(_read_at(recall, precision))
    return np.where(total > 0, np.mean(found, axis=0), np.nan)


def _read_at(recall: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Return the mean of the precision at the levels of recall, 0 beyond the last."""
    num_samples, count = recall.shape
    if not count:
        return np.zeros(num_samples)
    # One search for all samples: each has a stretch of the line of its own.
    shift = 2.0 * np.arange(num_samples)[:, None]
    places = np.searchsorted((recall + shift).ravel(), (RECALLS + shift).ravel(), side="left")
    places = places.reshape(num_samples, -1) - count * np.arange(num_samples)[:, None]
    padded = np.concatenate([precision, np.zeros((num_samples, 1))], axis=1)
    return np.take_along_axis(padded, places.clip(0, count), axis=1).mean(axis=1)
