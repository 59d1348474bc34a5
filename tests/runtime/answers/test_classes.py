"""The most probable class."""

import numpy as np
import pytest

from lamina.runtime.answers.classes import Classes
from lamina.runtime.errors import BundleError

DOCUMENT = {"name": "classes", "target": "y", "cells": [3, 7], "labels": ["3", "7"]}


def test_the_class_is_given_as_a_cell_with_probabilities() -> None:
    form = Classes.from_document(DOCUMENT)
    assert form.read(np.array([[0.25, 0.75], [0.5, 0.5]])) == [
        {"y": 7, "probability": 0.75, "probability_3": 0.25, "probability_7": 0.75},
        {"y": 3, "probability": 0.5, "probability_3": 0.5, "probability_7": 0.5},
    ]
    assert form.num_columns == 2


def test_many_classes_are_not_shown_one_by_one() -> None:
    labels = tuple(map(str, range(101)))
    form = Classes("y", labels, labels)
    assert [answer.name for answer in form.answers] == ["y", "probability"]
    assert form.read(np.eye(101)[[5]]) == [{"y": "5", "probability": 1.0}]


@pytest.mark.parametrize(
    "damage", [{"cells": [1]}, {"cells": [[1], 2]}, {"labels": ["a", "b", "c"]}, {"target": 5}]
)
def test_damaged_documents_are_refused(damage) -> None:
    with pytest.raises(BundleError):
        Classes.from_document({**DOCUMENT, **damage})
