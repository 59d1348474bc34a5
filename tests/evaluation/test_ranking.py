import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from lamina.evaluation.ranking import (
    auc_influence,
    average_precision_influence,
    binary_auc,
    binary_average_precision,
)


def test_auc_by_hand():
    # Positives 0.8 and 0.4, negatives 0.4 and 0.1: pairs 1, 1, 0.5, 1 of 4.
    scores, positive = np.array([0.8, 0.4, 0.4, 0.1]), np.array([True, True, False, False])
    assert binary_auc(scores, positive, np.ones(4)) == pytest.approx(3.5 / 4)


def test_average_precision_by_hand():
    # Ranks: positive, negative, positive: precision 1 and 2/3, mean 5/6.
    scores, positive = np.array([0.9, 0.5, 0.2]), np.array([True, False, True])
    assert binary_average_precision(scores, positive, np.ones(3)) == pytest.approx(5 / 6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 60), st.integers(1, 10))
def test_weighted_values_equal_sklearn_with_ties(seed, num_rows, num_values):
    random = np.random.default_rng(seed)
    scores = random.integers(0, num_values, num_rows) / num_values
    positive = random.random(num_rows) < 0.5
    positive[:2] = [True, False]
    weights = random.integers(0, 4, num_rows).astype(float)
    weights[:2] = 1
    auc = binary_auc(scores, positive, weights)
    assert auc == pytest.approx(roc_auc_score(positive, scores, sample_weight=weights))
    precision = binary_average_precision(scores, positive, weights)
    wanted = average_precision_score(positive, scores, sample_weight=weights)
    assert precision == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("metric", "influence"),
    [(binary_auc, auc_influence), (binary_average_precision, average_precision_influence)],
)
@pytest.mark.parametrize("decimals", [1, 8])
def test_influence_is_the_derivative(metric, influence, decimals):
    random = np.random.default_rng(1)
    scores, positive = np.round(random.random(40), decimals), random.random(40) < 0.4
    step = 1e-6
    numeric = (
        metric(scores, positive, 1 + step * np.eye(40)) - metric(scores, positive, np.ones(40))
    ) / step
    np.testing.assert_allclose(influence(scores, positive), numeric, atol=1e-5)


def test_one_class_gives_nan():
    scores = np.array([0.1, 0.2])
    assert np.isnan(binary_auc(scores, np.array([True, True]), np.ones(2)))
    assert np.isnan(binary_average_precision(scores, np.array([False, False]), np.ones(2)))
    assert np.isnan(auc_influence(scores, np.array([True, True]))).all()
    assert np.isnan(average_precision_influence(scores, np.array([False, False]))).all()
