import numpy as np
import pytest
from sklearn import metrics as reference

from lamina.evaluation.classification import (
    accuracy,
    average_precision,
    balanced_accuracy,
    brier,
    calibration_error,
    log_loss,
    macro_f1,
    matthews_correlation,
    roc_auc,
)
from lamina.evaluation.predictions import Predictions
from tests.evaluation.conftest import make_classes


@pytest.mark.parametrize("num_classes", [2, 5])
@pytest.mark.parametrize("ties", [False, True])
def test_parity_with_sklearn(num_classes, ties):
    predictions, targets = make_classes(120, num_classes, ties=ties)
    values, answers = predictions.values, predictions.decided()
    score = values[:, 1] if num_classes == 2 else values
    onehot = np.eye(num_classes)[targets]
    wanted = {
        accuracy: reference.accuracy_score(targets, answers),
        balanced_accuracy: reference.balanced_accuracy_score(targets, answers),
        macro_f1: reference.f1_score(targets, answers, average="macro"),
        matthews_correlation: reference.matthews_corrcoef(targets, answers),
        log_loss: reference.log_loss(targets, values),
        roc_auc: reference.roc_auc_score(targets, score, multi_class="ovr"),
        average_precision: reference.average_precision_score(
            targets if num_classes == 2 else onehot, score
        ),
        brier: ((values - onehot) ** 2).sum(1).mean() / (2 if num_classes == 2 else 1),
    }
    for metric, value in wanted.items():
        assert float(metric(predictions, targets)) == pytest.approx(value), metric.__name__


def test_weights_repeat_rows():
    predictions, targets = make_classes(60, 3)
    counts = np.random.default_rng(3).integers(0, 3, 60)
    index = np.repeat(np.arange(60), counts)
    for metric in (accuracy, balanced_accuracy, macro_f1, matthews_correlation, log_loss, roc_auc,
                   average_precision, brier, calibration_error):  # fmt: skip
        weighted = metric(predictions, targets, weights=counts[None].astype(float))
        assert weighted.shape == (1,)
        repeated = metric(predictions.rows(index), targets[index])
        assert weighted[0] == pytest.approx(float(repeated)), metric.__name__


def test_calibration_error_by_hand():
    # Confidence 0.9 with 1 of 2 right, 0.6 with 1 of 1: (2 · 0.4 + 1 · 0.4) / 3 = 0.4.
    predictions = Predictions("classes", np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]]))
    assert float(calibration_error(predictions, np.array([0, 1, 1]))) == pytest.approx(0.4)


def test_one_class_in_the_sample_never_crashes():
    predictions = Predictions("classes", np.array([[0.9, 0.1], [0.2, 0.8]]))
    targets = np.array([0, 0])
    for metric in (balanced_accuracy, matthews_correlation, roc_auc, average_precision):
        assert np.isnan(float(metric(predictions, targets))), metric.__name__
    assert float(accuracy(predictions, targets)) == 0.5
    assert np.isfinite(float(macro_f1(predictions, targets)))


def test_constant_answer_has_no_correlation():
    predictions = Predictions("classes", np.tile([0.7, 0.3], (4, 1)))
    assert float(matthews_correlation(predictions, np.array([0, 1, 0, 1]))) == 0.0


def test_certain_and_wrong_stays_finite():
    predictions = Predictions("classes", np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert np.isfinite(float(log_loss(predictions, np.array([1, 0]))))
