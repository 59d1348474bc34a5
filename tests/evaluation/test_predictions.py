import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.evaluation.predictions import Predictions, check_targets


def test_decided_by_kind():
    classes = Predictions("classes", np.array([[0.2, 0.8], [0.6, 0.4]]))
    assert classes.decided().tolist() == [1, 0]
    labels = Predictions("labels", np.array([[0.5, 0.4]]))
    assert labels.decided().tolist() == [[1, 0]]
    quantiles = Predictions("quantiles", np.array([[1.0, 2.0, 3.0]]), (0.1, 0.5, 0.9))
    assert quantiles.decided().tolist() == [[2.0]]


def test_rows_keeps_kind_and_levels():
    quantiles = Predictions("quantiles", np.array([[1.0, 2.0], [3.0, 4.0]]), (0.1, 0.9))
    part = quantiles.rows(np.array([1]))
    assert part.values.tolist() == [[3.0, 4.0]]
    assert part.levels == (0.1, 0.9)
    assert (part.num_rows, part.num_columns) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("klasses", np.zeros((2, 2))), "kind must be one of"),
        (("numbers", np.zeros(3)), "shape"),
        (("classes", np.zeros((3, 1))), "at least two"),
        (("quantiles", np.zeros((3, 2)), (0.5,)), "one level per column"),
    ],
)
def test_bad_predictions_say_why(arguments, message):
    with pytest.raises(DataError, match=message):
        Predictions(*arguments)


def test_targets_are_brought_into_shape():
    numbers = Predictions("numbers", np.zeros((3, 1)))
    assert check_targets(numbers, np.array([1, 2, 3])).shape == (3, 1)
    classes = Predictions("classes", np.full((2, 2), 0.5))
    assert check_targets(classes, np.array([[0.0], [1.0]])).tolist() == [0, 1]


def test_bad_targets_say_why():
    classes = Predictions("classes", np.full((2, 2), 0.5))
    with pytest.raises(DataError, match="rows"):
        check_targets(classes, np.array([0]))
    with pytest.raises(DataError, match="from 0 to 1"):
        check_targets(classes, np.array([0, 2]))
    with pytest.raises(DataError, match="columns"):
        check_targets(Predictions("numbers", np.zeros((2, 1))), np.zeros((2, 2)))
