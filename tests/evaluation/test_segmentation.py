"""Metrics of masks, worked out by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from lamina.evaluation.predictions import VOID, Predictions
from lamina.evaluation.segmentation import (
    confusions,
    frequency_weighted_iou,
    mean_iou,
    overlaps,
    pixel_accuracy,
    row_overlaps,
    weighted_counts,
)

FOUND = Predictions("masks", np.array([[0, 0, 1, 1], [2, 0, 0, 0]]), num_classes=4)
TRUE = np.array([[0, 1, 1, VOID], [0, 0, 0, 0]], dtype=np.uint8)


def test_by_hand() -> None:
    # Class 0: right 1 + 3 = 4, true 5, given 5 of the known: 4 / (5 + 5 - 4) = 2/3.
    # Class 1: right 1, true 2, given 1: 1/2. Class 2: given once, never true: 0. Class 3: nowhere.
    assert mean_iou(FOUND, TRUE) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert pixel_accuracy(FOUND, TRUE) == pytest.approx(5 / 7)
    assert frequency_weighted_iou(FOUND, TRUE) == pytest.approx((5 * 2 / 3 + 2 / 2) / 7)


def test_rows_by_hand() -> None:
    # First row: 1/2 and 1/2. Second: 3/4 and 0.
    assert row_overlaps(FOUND, TRUE) == pytest.approx([0.5, 0.375])
    assert confusions(FOUND, TRUE)[0].tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_weights_count_rows() -> None:
    weights = np.array([[1.0, 0.0], [0.0, 2.0], [2.0, 1.0]])
    twice = Predictions("masks", FOUND.values[[0, 0, 1]], num_classes=4)
    for metric in (mean_iou, pixel_accuracy, frequency_weighted_iou):
        own = metric(FOUND, TRUE, weights=weights)
        assert own[0] == pytest.approx(metric(FOUND.rows(np.array([0])), TRUE[:1]))
        assert own[1] == pytest.approx(metric(FOUND.rows(np.array([1])), TRUE[1:]))
        assert own[2] == pytest.approx(metric(twice, TRUE[[0, 0, 1]]))
    counts = weighted_counts(weights, confusions(FOUND, TRUE))
    assert counts.shape == (3, 4, 4)
    assert overlaps(counts)[1][1].tolist() == [8, 0, 0, 0]


def test_like_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 5, (6, 50), dtype=np.uint8)
    own = np.where(rng.random(true.shape) < 0.6, true, rng.integers(0, 5, true.shape))
    found = Predictions("masks", own, num_classes=5)
    expected = jaccard_score(true.ravel(), own.ravel(), average="macro")
    assert mean_iou(found, true) == pytest.approx(expected)
    expected = jaccard_score(true.ravel(), own.ravel(), average="weighted")
    assert frequency_weighted_iou(found, true) == pytest.approx(expected)
