"""How well each class of boxes is found, with intervals."""

import numpy as np
import pytest

from lamina.evaluation.class_precisions import class_precisions
from lamina.evaluation.detection import map50, map50_95
from tests.evaluation.made_boxes import boxes

NAMES = ("a", "b", "c")


def test_values_and_intervals() -> None:
    found, truth = boxes()
    told = class_precisions(found, truth, names=NAMES)
    assert np.mean([one.ap50.value for one in told]) == pytest.approx(map50(found, truth))
    assert np.mean([one.ap50_95.value for one in told]) == pytest.approx(map50_95(found, truth))
    assert sum(one.num_true for one in told) == int((truth[..., 0] >= 0).sum())
    assert all(one.ap50.low < one.ap50.value < one.ap50.high for one in told)


def test_few_pictures_and_classes_without_boxes_have_no_interval() -> None:
    found, truth = boxes()
    few = class_precisions(found.rows(np.arange(4)), truth[:4], names=NAMES)
    assert np.isnan(few[0].ap50.low)
    truth[truth[..., 0] == 2] = -1
    none = class_precisions(found, truth, names=NAMES)[2]
    assert np.isnan(none.ap50.value)
    assert none.num_true == 0
