import numpy as np
import pytest

from lamina.core.errors import ConfigError
from lamina.evaluation.calibration import apply_temperature, fit_temperature, reliability_curve
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import Predictions
from tests.evaluation.conftest import make_labels, make_numbers


def sample(num_rows, temperature, *, seed=0, num_classes=4):
    """Truth drawn from softmax(logits), answers from softmax(logits · temperature)."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(num_rows, num_classes)) * 2
    truth = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    targets = (truth.cumsum(1) > random.random((num_rows, 1))).argmax(1)
    sharp = np.exp(logits * temperature)
    return Predictions("classes", sharp / sharp.sum(1, keepdims=True)), targets


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_true_temperature_is_found(temperature):
    predictions, targets = sample(8000, temperature)
    assert fit_temperature(predictions, targets) == pytest.approx(temperature, rel=0.05)


def test_calibration_lowers_error_on_other_rows_and_keeps_answers():
    validation, truth = sample(3000, 3.0)
    test, test_truth = sample(3000, 3.0, seed=1)
    calibrated = apply_temperature(test, fit_temperature(validation, truth))
    assert (calibrated.decided() == test.decided()).all()
    for metric in ("calibration_error", "log_loss", "brier"):
        assert score(metric, calibrated, test_truth) < score(metric, test, test_truth)


def test_few_perfect_rows_do_not_push_it_to_an_end():
    predictions = Predictions("classes", np.tile([0.8, 0.2], (10, 1)))
    assert 0.2 < fit_temperature(predictions, np.zeros(10, dtype=int)) < 1
    assert fit_temperature(predictions.rows(np.array([0])), np.array([0])) == 1.0


def test_certain_and_wrong_rows_stay_finite():
    predictions = Predictions("classes", np.array([[1.0, 0.0], [0.0, 1.0]] * 10))
    temperature = fit_temperature(predictions, np.array([1, 0] * 10))
    assert np.isfinite(apply_temperature(predictions, temperature).values).all()


def test_temperature_one_changes_nothing():
    predictions, _ = sample(50, 1.0)
    same = apply_temperature(predictions, 1.0)
    np.testing.assert_allclose(same.values, predictions.values, atol=1e-9)
    labels, targets = make_labels()
    np.testing.assert_allclose(
        apply_temperature(labels, 1.0).values, np.clip(labels.values, 0, 1), atol=1e-6
    )
    assert fit_temperature(labels, targets) > 0


def test_reliability_by_hand():
    predictions = Predictions("classes", np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]]))
    low, high = reliability_curve(predictions, np.array([0, 1, 1]), num_bins=5)
    assert (low.num_rows, low.confidence, low.share_right.value) == (1, 0.6, 1.0)
    assert (high.num_rows, high.share_right.value) == (2, 0.5)
    assert high.share_right.low < 0.5 < high.share_right.high
    assert (high.low, high.high) == (0.8, 1.0)


def test_bins_of_labels_hold_every_pair():
    labels, targets = make_labels()
    curve = reliability_curve(labels, targets)
    assert sum(part.num_rows for part in curve) == targets.size


def test_wrong_use_says_why():
    numbers, targets = make_numbers()
    with pytest.raises(ConfigError, match="probabilities"):
        fit_temperature(numbers, targets)
    predictions, _ = sample(5, 1.0)
    with pytest.raises(ConfigError, match="above zero"):
        apply_temperature(predictions, 0.0)
