import numpy as np

from lamina.evaluation.weights import group_sums, mean_defined, ratio, row_weights, weighted_mean


def test_group_sums_by_hand():
    weights = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0]])
    sums = group_sums(weights, np.array([2, 0, -1, 2]), 4)
    assert sums.tolist() == [[2.0, 0.0, 5.0, 0.0], [1.0, 0.0, 2.0, 0.0]]


def test_group_sums_of_nothing():
    assert group_sums(np.ones(2), np.array([-1, -1]), 2).tolist() == [0.0, 0.0]


def test_ratio_and_means():
    assert ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0]), empty=7.0).tolist() == [0.5, 7.0]
    assert weighted_mean(np.array([1.0, 3.0]), np.array([0.0, 1.0])) == 0.75
    assert mean_defined(np.array([1.0, np.nan, 3.0])) == 2.0
    assert np.isnan(mean_defined(np.array([np.nan])))
    assert row_weights(None, 3).tolist() == [1.0, 1.0, 1.0]
