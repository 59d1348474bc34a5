import numpy as np
import pytest
from scipy.stats import binomtest

from lamina.evaluation.intervals import (
    BootstrapConfig,
    score_intervals,
    share_interval,
    wilson_interval,
)
from lamina.evaluation.metrics import metrics_of, score
from lamina.evaluation.predictions import Predictions
from tests.evaluation.conftest import make_classes, make_numbers, make_quantiles


def test_wilson_equals_scipy():
    wanted = binomtest(7, 30).proportion_ci(method="wilson")
    interval = wilson_interval(7 / 30, 30)
    assert (interval.low, interval.high) == pytest.approx((wanted.low, wanted.high), abs=1e-6)


def test_every_metric_has_an_interval_around_its_value(answers):
    predictions, targets = answers
    intervals = score_intervals(predictions, targets)
    assert tuple(intervals) == metrics_of(predictions.kind)
    for name, interval in intervals.items():
        assert interval.value == pytest.approx(score(name, predictions, targets)), name
        # A width that is the same everywhere differs by rounding only.
        assert interval.low - 1e-9 <= interval.value <= interval.high + 1e-9, name
        assert interval.low < interval.high, name


def test_same_seed_same_interval():
    predictions, targets = make_classes()
    first = score_intervals(predictions, targets, names=("roc_auc",))
    assert first == score_intervals(predictions, targets, names=("roc_auc",))
    other = score_intervals(
        predictions, targets, names=("roc_auc",), config=BootstrapConfig(seed=1)
    )
    assert first != other


def test_mean_error_interval_is_near_the_normal_one():
    predictions, targets = make_numbers(400)
    errors = np.abs(predictions.values - targets)
    interval = score_intervals(predictions, targets, names=("mae",))["mae"]
    half = 1.96 * errors.std() / 20
    assert interval.high - interval.low == pytest.approx(2 * half, rel=0.1)


def test_coverage_of_the_truth():
    # 95 % intervals of the mean absolute error of a normal error, sqrt(2/pi): 200 repetitions
    # must hold it in 95 % plus or minus three standard errors (4.6 points).
    hits = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        predictions = Predictions("numbers", random.normal(size=(80, 1)))
        config = BootstrapConfig(seed=seed, num_resamples=300)
        interval = score_intervals(predictions, np.zeros(80), names=("mae",), config=config)["mae"]
        hits += interval.low <= np.sqrt(2 / np.pi) <= interval.high
    assert 0.90 <= hits / 200 <= 0.995


def test_linear_spread_agrees_with_exact_resamples():
    predictions, targets = make_classes(1500, 20)  # 1000 × 1500 × 20 > 2e7: linear
    names = ("roc_auc", "average_precision")
    linear = score_intervals(predictions, targets, names=names)
    few = BootstrapConfig(num_resamples=600)  # 600 × 1500 × 20 < 2e7: exact
    exact = score_intervals(predictions, targets, names=names, config=few)
    for name in names:
        width = linear[name].high - linear[name].low
        assert width == pytest.approx(exact[name].high - exact[name].low, rel=0.15)


def test_thinned_rows_keep_the_width():
    predictions, targets = make_numbers(6000)
    full = score_intervals(predictions, targets, names=("rmse",))["rmse"]
    thin = score_intervals(
        predictions, targets, names=("rmse",), config=BootstrapConfig(max_rows=1500)
    )["rmse"]
    assert thin.value == full.value
    assert thin.high - thin.low == pytest.approx(full.high - full.low, rel=0.2)


def test_groups_widen_the_interval():
    # Ten copies of each row: as clusters they carry a tenth of the information.
    predictions, targets = make_classes(60)
    index = np.repeat(np.arange(60), 10)
    names = ("accuracy", "log_loss")
    alone = score_intervals(predictions.rows(index), targets[index], names=names)
    grouped = score_intervals(
        predictions.rows(index), targets[index], names=names, groups=index.astype(str)
    )
    for name in names:
        ratio = (grouped[name].high - grouped[name].low) / (alone[name].high - alone[name].low)
        assert 2.5 < ratio < 4.0  # sqrt(10) = 3.16


def test_perfect_answers_on_few_rows_are_not_certain():
    targets = np.array([0, 1] * 15)
    intervals = score_intervals(Predictions("classes", np.eye(2)[targets]), targets)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc"):
        assert intervals[name].value == 1.0
        assert 0.85 < intervals[name].low < 0.95
        assert intervals[name].high == 1.0


def test_undefined_and_tiny_samples_give_nan():
    predictions, targets = make_classes(30, 2)
    interval = score_intervals(predictions, np.zeros(30, dtype=int), names=("roc_auc",))["roc_auc"]
    assert np.isnan([interval.value, interval.low, interval.high]).all()
    one = score_intervals(predictions.rows(np.array([0])), targets[:1], names=("accuracy",))
    assert np.isnan(one["accuracy"].low)


@pytest.mark.parametrize("num_rows", [1, 3, 7, 60, 1001])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_lies_within_its_own_interval(share, num_rows):
    found = wilson_interval(share, num_rows)
    assert found.low <= share <= found.high


@pytest.mark.parametrize("num_groups", [1, 2, 4])
def test_few_groups_give_no_interval(num_groups):
    predictions, targets = make_classes(200, 2)
    groups = np.arange(200) % num_groups
    for name, interval in score_intervals(predictions, targets, groups=groups).items():
        assert np.isfinite(interval.value), name
        assert np.isnan([interval.low, interval.high]).all(), name
    right = predictions.decided() == targets
    assert np.isnan(share_interval(right, groups=groups).low)


def test_perfect_groups_count_once():
    targets = np.array([0, 1] * 100)
    perfect = Predictions("classes", np.eye(2)[targets])
    found = score_intervals(perfect, targets, names=("accuracy",), groups=np.arange(200) // 20)
    assert found["accuracy"].low == pytest.approx(wilson_interval(1.0, 10).low)


def test_a_coverage_as_promised_has_an_error_from_zero():
    predictions, targets = make_quantiles(300)
    for groups in (None, np.arange(300) // 3):
        names = ("coverage", "coverage_error")
        found = score_intervals(predictions, targets, names=names, groups=groups)
        share, error = found["coverage"], found["coverage_error"]
        assert share.low < 0.9 < share.high
        assert error.low == 0 <= error.value <= error.high
        assert error.high == pytest.approx(max(0.9 - share.low, share.high - 0.9))
    narrow = Predictions("quantiles", predictions.values[:, [1, 1, 1]], predictions.levels)
    error = score_intervals(narrow, targets, names=("coverage_error",))["coverage_error"]
    assert 0.8 < error.low < error.value <= error.high


def test_a_calibrated_model_may_have_no_calibration_error():
    # Answers are right as often as stated: the error on 200 rows is chance alone.
    random = np.random.default_rng(0)
    stated = random.uniform(0.5, 1, 200)
    targets = (random.random(200) < stated).astype(int)
    predictions = Predictions("classes", np.stack([1 - stated, stated], 1))
    name = "calibration_error"
    found = score_intervals(predictions, targets, names=(name,))[name]
    assert found.value > 0.03
    assert found.low < 0.01
    wrong = score_intervals(predictions, 1 - targets, names=(name,))[name]
    assert 0.3 < wrong.low < wrong.value < wrong.high


def test_copies_of_rows_tell_a_share_no_better():
    right = np.random.default_rng(0).random(80) < 0.7
    copies, groups = np.repeat(right, 25), np.repeat(np.arange(80), 25)
    alone, found = share_interval(right), share_interval(copies, groups=groups)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.005)
    assert share_interval(copies[:0], groups=groups[:0]).value != found.value  # NaN, and no error
