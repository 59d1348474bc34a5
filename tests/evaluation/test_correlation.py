"""Correlations under row weights."""

import numpy as np
import pytest

from lamina.evaluation.correlation import pearson, spearman
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import Predictions


def numbers(*values: float) -> Predictions:
    return Predictions("numbers", np.array(values)[:, None])


TRUTH = np.array([[1.0], [2.0], [3.0], [10.0]])


def test_by_hand() -> None:
    # Answers 2, 1, 3, 4 against ranks 1, 2, 3, 4: the squared distances are 1, 1, 0, 0, so
    # 1 - 6 · 2 / (4 · 15) = 0.8. Centred, they are -.5, -1.5, .5, 1.5 and -3, -2, -1, 6:
    # (1.5 + 3 - .5 + 9) / √(5 · 50).
    answers = numbers(2, 1, 3, 4)
    assert score("spearman", answers, TRUTH) == pytest.approx(0.8)
    assert score("pearson", answers, TRUTH) == pytest.approx(13 / np.sqrt(250))


def test_equal_numbers_share_their_ranks_as_in_scipy() -> None:
    from scipy.stats import spearmanr

    chance = np.random.default_rng(0)
    values, truth = chance.integers(0, 5, (2, 60)).astype(float)
    found = score("spearman", numbers(*values), truth[:, None])
    assert found == pytest.approx(spearmanr(values, truth).statistic)


@pytest.mark.parametrize("metric", [pearson, spearman])
def test_a_weight_of_two_is_the_row_twice(metric) -> None:
    answers, weights = numbers(2, 1, 3, 1), np.array([[1, 2, 1, 0], [1, 1, 1, 1]])
    found = metric(answers, TRUTH, weights=weights)
    assert found[0] == pytest.approx(metric(numbers(2, 1, 1, 3), TRUTH[[0, 1, 1, 2]]))
    assert found[1] == pytest.approx(metric(answers, TRUTH))


@pytest.mark.parametrize("metric", [pearson, spearman])
def test_what_does_not_vary_has_none(metric) -> None:
    assert np.isnan(metric(numbers(0.1, 0.1, 0.1, 0.1), TRUTH))
    assert np.isnan(metric(numbers(1, 2, 3, 4), np.full((4, 1), 1e6)))


def test_targets_are_averaged_and_level_and_scale_do_not_count() -> None:
    both = Predictions("numbers", np.array([[5.0, 3], [7, 2], [9, 1], [23, -6]]))
    assert pearson(both, np.tile(TRUTH, 2)) == pytest.approx(0.0)
