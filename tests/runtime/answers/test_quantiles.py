"""Quantiles and the middle one."""

import numpy as np
import pytest

from lamina.runtime.answers.quantiles import Quantiles
from lamina.runtime.errors import BundleError


def test_the_middle_one_is_the_answer() -> None:
    form = Quantiles.from_document({"target": "y", "levels": [0.05, 0.5, 0.975]})
    assert form.read(np.array([[1.0, 2.0, 3.0]])) == [
        {"y": 2.0, "y_q5": 1.0, "y_q50": 2.0, "y_q97.5": 3.0}
    ]
    assert [answer.level for answer in form.answers] == [None, 0.05, 0.5, 0.975]
    assert form.num_columns == 3


@pytest.mark.parametrize("levels", [[], [0.5, 0.5], [0.9, 0.1], [0.0, 0.5], [0.5, 1.0]])
def test_levels_rise_between_0_and_1(levels) -> None:
    with pytest.raises(BundleError):
        Quantiles.from_document({"target": "y", "levels": levels})
