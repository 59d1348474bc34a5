import numpy as np
import pytest
from scipy.stats import binomtest

from lamina.core.errors import ConfigError, DataError
from lamina.evaluation.comparison import compare, format_gain, mcnemar
from lamina.evaluation.predictions import Predictions
from tests.evaluation.conftest import make_classes, make_numbers, make_quantiles


def hard(answers, num_classes=2):
    return Predictions("classes", np.eye(num_classes)[answers])


def test_mcnemar_equals_the_binomial_test():
    # The first alone is right on 3 rows, the second alone on 12.
    targets = np.zeros(40, dtype=int)
    first, second = np.zeros(40, dtype=int), np.zeros(40, dtype=int)
    first[:12], second[12:15] = 1, 1
    wanted = binomtest(3, 15, 0.5).pvalue
    assert mcnemar(hard(first), hard(second), targets) == pytest.approx(wanted)
    assert mcnemar(hard(first), hard(first), targets) == 1.0


def test_mcnemar_of_many_rows_is_near_the_binomial_test():
    targets = np.zeros(5000, dtype=int)
    first, second = np.zeros(5000, dtype=int), np.zeros(5000, dtype=int)
    first[:1080], second[1080:2080] = 1, 1
    wanted = binomtest(1000, 2080, 0.5).pvalue
    assert mcnemar(hard(first), hard(second), targets) == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "roc_auc"])
def test_a_clear_gain_is_seen_both_ways(metric):
    predictions, targets = make_classes(2000, 3)
    better = Predictions("classes", 0.5 * predictions.values + 0.5 * np.eye(3)[targets])
    up = compare(predictions, better, targets, metric=metric, names=("old", "new"))
    assert up.outcome == "better"
    assert 0 < up.gain.low <= up.gain.value <= up.gain.high
    assert up.p_value < 0.01
    assert "new is better than old by" in up.sentence
    assert "significant at 5 %" in up.sentence
    down = compare(better, predictions, targets, metric=metric)
    assert down.outcome == "worse"
    assert down.gain.high < 0


def test_sentence_in_points():
    targets = np.zeros(1000, dtype=int)
    first, second = np.zeros(1000, dtype=int), np.zeros(1000, dtype=int)
    first[:30], second[:10] = 1, 1
    result = compare(hard(first), hard(second), targets, metric="accuracy")
    assert result.sentence.startswith("B is better than A by 2.0 points of accuracy (")
    assert result.method == "McNemar's exact test"


def test_same_answers_make_no_difference():
    predictions, targets = make_classes(300, 3)
    result = compare(predictions, predictions, targets, metric="log_loss")
    assert (result.outcome, result.gain.value, result.p_value) == ("no difference", 0.0, 1.0)


def test_small_test_part_is_too_small():
    predictions, targets = make_numbers(12, seed=1)
    other, _ = make_numbers(12, seed=1)
    shifted = Predictions("numbers", other.values + np.tile([[0.3], [-0.3]], (6, 1)))
    result = compare(predictions, shifted, targets, metric="rmse")
    assert result.outcome == "too small to tell"
    assert "12 rows" in result.sentence


def test_no_effect_is_seldom_called_one():
    # Two equally good models: at most 5 % plus three standard errors of false alarms.
    alarms = 0
    for seed in range(150):
        random = np.random.default_rng(seed)
        targets = random.normal(size=(100, 1))
        one, two = (Predictions("numbers", random.normal(size=(100, 1))) for _ in range(2))
        alarms += compare(one, two, targets, metric="mae").p_value < 0.05
    assert alarms / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_groups_count_as_one():
    predictions, targets = make_classes(40, 2, seed=5)
    other, _ = make_classes(40, 2, seed=5, strength=2.5)
    index = np.repeat(np.arange(40), 20)
    arguments = predictions.rows(index), other.rows(index), targets[index]
    alone = compare(*arguments, metric="accuracy")
    grouped = compare(*arguments, metric="accuracy", groups=index)
    assert grouped.method == "paired bootstrap"
    assert grouped.gain.high - grouped.gain.low > 2 * (alone.gain.high - alone.gain.low)


def test_different_rows_are_refused():
    predictions, targets = make_classes(10)
    with pytest.raises(DataError, match="same test rows"):
        compare(predictions, predictions.rows(np.arange(5)), targets, metric="accuracy")


def test_gain_in_words():
    assert format_gain(0.008, "roc_auc") == "0.8 points of roc auc"
    assert format_gain(0.03125, "rmse") == "0.0312 of rmse"


def test_a_tie_on_many_rows_is_no_difference():
    targets = np.zeros(5000, dtype=int)
    first, second = np.zeros(5000, dtype=int), np.zeros(5000, dtype=int)
    first[:1500], second[1500:3000] = 1, 1
    assert mcnemar(hard(first), hard(second), targets) == 1.0


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_two_groups_are_too_few_to_tell(metric):
    predictions, targets = make_classes(400, 3)
    better = Predictions("classes", 0.5 * predictions.values + 0.5 * np.eye(3)[targets])
    groups = np.arange(400) % 2
    found = compare(predictions, better, targets, metric=metric, groups=groups)
    assert found.outcome == "too small to tell"
    assert np.isnan([found.p_value, found.gain.low, found.gain.high]).all()
    assert "too small to tell B from A" in found.sentence


def test_a_coverage_ranks_nothing():
    predictions, targets = make_quantiles()
    with pytest.raises(ConfigError, match=r"'coverage' cannot rank.*Use coverage_error"):
        compare(predictions, predictions, targets, metric="coverage")
