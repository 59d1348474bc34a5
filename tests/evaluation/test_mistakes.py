import numpy as np
import pytest

from lamina.evaluation.mistakes import worst_mistakes
from lamina.evaluation.predictions import Predictions
from tests.evaluation.conftest import make_quantiles


def test_classes_surest_errors_first_and_right_rows_never():
    predictions = Predictions("classes", np.array([[0.6, 0.4], [0.1, 0.9], [0.95, 0.05]]))
    worst = worst_mistakes(predictions, np.array([1, 0, 0]))
    assert [(m.row, m.answered, m.true) for m in worst] == [
        (1, (1.0,), (0.0,)),
        (0, (0.0,), (1.0,)),
    ]
    assert worst[0].error == pytest.approx(0.8)


def test_numbers_largest_residual_first():
    predictions = Predictions("numbers", np.array([[1.0], [5.0], [2.0]]))
    worst = worst_mistakes(predictions, np.array([1.5, 1.0, 2.0]), count=2)
    assert [(m.row, m.error) for m in worst] == [(1, 4.0), (0, 0.5)]


def test_several_targets_are_brought_to_one_scale():
    targets = np.array([[0.0, 0.0], [1.0, 1000.0], [0.0, 1000.0], [1.0, 0.0]])
    answers = targets.copy()
    answers[0, 0], answers[1, 1] = 1.0, 1100.0
    assert worst_mistakes(Predictions("numbers", answers), targets)[0].row == 0


def test_labels_name_the_labels():
    predictions = Predictions("labels", np.array([[0.9, 0.2], [0.1, 0.1]]))
    (worst,) = worst_mistakes(predictions, np.array([[0, 1], [0, 0]]))
    assert (worst.row, worst.answered, worst.true) == (0, (0.0,), (1.0,))


def test_count_and_empty():
    predictions, targets = make_quantiles()
    assert len(worst_mistakes(predictions, targets, count=5)) == 5
    assert worst_mistakes(predictions.rows(np.array([], dtype=int)), targets[:0]) == ()
