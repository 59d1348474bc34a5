"""Metrics of tags of words: spans found rightly, and single tags.

Each is a figure of all rows together: counts are summed before they are divided, so that resamples
of rows (weights) give intervals without counting anew. A span counts where its ends and its kind
are right.

Source: Sang and De Meulder 2003, "Introduction to the CoNLL-2003 shared task"; van Rijsbergen 1979.
"""

from functools import lru_cache

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.weights import ratio, row_weights
from lamina.runtime.spans import spans_of


def span_f1(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Harmonic mean of precision and recall of spans.

    Args:
        predictions: Tags of words.
        targets: object [rows].
        weights: [..., rows].

    Source:
        Sang and De Meulder 2003.
    """
    right, found, true, *_ = _sums(predictions, targets, weights)
    return ratio(2.0 * right, found + true)


def span_precision(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of the spans found that are right.

    Args:
        predictions: Tags of words.
        targets: object [rows].
        weights: [..., rows].

    Source:
        Sang and De Meulder 2003.
    """
    right, found, *_ = _sums(predictions, targets, weights)
    return ratio(right, found)


def span_recall(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of the true spans that are found.

    Args:
        predictions: Tags of words.
        targets: object [rows].
        weights: [..., rows].

    Source:
        Sang and De Meulder 2003.
    """
    right, _, true, *_ = _sums(predictions, targets, weights)
    return ratio(right, true)


def tag_accuracy(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of words with the right tag.

    Args:
        predictions: Tags of words.
        targets: object [rows].
        weights: [..., rows].

    Source:
        Textbook.
    """
    *_, right, words = _sums(predictions, targets, weights)
    return ratio(right, words)


def _sums(
    predictions: Predictions, targets: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, ...]:
    """Return weighted sums of the counts of all rows, each [...]."""
    counts = _counts(predictions.texts, tuple(targets))
    sums = row_weights(weights, predictions.num_rows) @ counts
    return tuple(np.moveaxis(sums, -1, 0))


@lru_cache(maxsize=16)
def _counts(written: tuple[str, ...], true: tuple[str, ...]) -> np.ndarray:
    """Return float64 [rows, 5]: spans right, found and true; words rightly tagged, and all."""
    rows = []
    for own, right in zip(written, true):
        tags, wanted = own.split(), right.split()
        spans, known = set(spans_of(tags)), set(spans_of(wanted))
        hits = sum(a == b for a, b in zip(tags, wanted))
        rows.append((len(spans & known), len(spans), len(known), hits, len(wanted)))
    return np.array(rows, dtype=np.float64).reshape(-1, 5)
