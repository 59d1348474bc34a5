"""y as target columns, under names that no input has."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from lamina.sklearn.targets import class_targets, number_targets


def names(targets):
    return [column.name for column in targets.columns]


def test_names_are_those_of_y_unless_an_input_has_them() -> None:
    y = pd.Series(["a", "b"], name="answer")
    assert names(class_targets(y, (), estimator="E")) == ["answer"]
    assert names(class_targets(y, ("answer",), estimator="E")) == ["answer_"]
    assert names(class_targets(["a", "b"], ("target",), estimator="E")) == ["target_"]
    table = pd.DataFrame({"u": [1.0, 2.0], "v": [2.0, 3.0]})
    assert names(number_targets(table, ("u",), estimator="E")) == ["u_", "v"]
    assert names(number_targets(table.to_numpy(), (), estimator="E")) == ["target_0", "target_1"]


@pytest.mark.parametrize(
    ("y", "cells"),
    [
        ([3, 1], [1, 3]),
        ([True, False], [False, True]),
        (["x", "y"], ["x", "y"]),
        (["1", "1.0"], ["class 0", "class 1"]),
        (["nan", "y"], ["class 0", "class 1"]),
        ([" x", "x"], ["class 0", "class 1"]),
    ],
)
def test_cells_are_the_classes_where_reading_keeps_them_apart(y, cells) -> None:
    assert class_targets(y, (), estimator="E").cells.to_list() == cells


def test_labels_may_be_sparse_and_those_that_vary_are_learnt() -> None:
    table = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 0]])
    for y in (table, csr_matrix(table), table.tolist()):
        targets = class_targets(y, (), estimator="E")
        assert targets.labels == (0, 2)
        assert targets.constant == (-1, 0, -1)
        assert names(targets) == ["target_0", "target_2"]
        assert targets.columns[0].to_list() == [True, False, True]


def test_whether_y_is_flat_is_kept() -> None:
    assert number_targets([1.0, 2.0], (), estimator="E").is_flat
    assert not number_targets([[1.0], [2.0]], (), estimator="E").is_flat
