import numpy as np
import pytest
from sklearn import metrics as reference

from lamina.evaluation.multilabel import (
    hamming_loss,
    macro_label_f1,
    mean_average_precision,
    mean_average_precision_influence,
    micro_f1,
    subset_accuracy,
)
from lamina.evaluation.predictions import Predictions
from tests.evaluation.conftest import make_labels


def test_parity_with_sklearn():
    predictions, targets = make_labels()
    answers = predictions.decided()
    wanted = {
        micro_f1: reference.f1_score(targets, answers, average="micro"),
        macro_label_f1: reference.f1_score(targets, answers, average="macro"),
        subset_accuracy: reference.accuracy_score(targets, answers),
        hamming_loss: reference.hamming_loss(targets, answers),
        mean_average_precision: reference.average_precision_score(targets, predictions.values),
    }
    for metric, value in wanted.items():
        assert float(metric(predictions, targets)) == pytest.approx(value), metric.__name__


def test_by_hand():
    # Answers 1 0 / 1 1 against 1 1 / 0 1: two hits, three answered, three true.
    predictions = Predictions("labels", np.array([[0.9, 0.1], [0.7, 0.8]]))
    targets = np.array([[1, 1], [0, 1]])
    assert float(micro_f1(predictions, targets)) == pytest.approx(4 / 6)
    assert float(hamming_loss(predictions, targets)) == 0.5
    assert float(subset_accuracy(predictions, targets)) == 0.0


def test_label_that_never_occurs():
    predictions = Predictions("labels", np.array([[0.9, 0.1], [0.2, 0.1]]))
    targets = np.array([[1, 0], [0, 0]])
    assert float(mean_average_precision(predictions, targets)) == 1.0
    assert float(macro_label_f1(predictions, targets)) == 0.5
    influence = mean_average_precision_influence(predictions, targets)
    assert influence.shape == (2,)
    assert np.isfinite(influence).all()
