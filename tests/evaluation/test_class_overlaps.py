"""How well each class is found, with intervals."""

import numpy as np
import pytest

from lamina.evaluation.class_overlaps import class_overlaps
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.segmentation import mean_iou

RNG = np.random.default_rng(0)
TRUE = RNG.integers(0, 3, (40, 30), dtype=np.uint8)
OWN = np.where(RNG.random(TRUE.shape) < 0.7, TRUE, 0).astype(np.uint8)
FOUND = Predictions("masks", OWN, num_classes=4)
NAMES = ("a", "b", "c", "d")


def test_values_and_intervals() -> None:
    told = class_overlaps(FOUND, TRUE, names=NAMES)
    values = [one.iou.value for one in told]
    assert np.nanmean(values) == pytest.approx(mean_iou(FOUND, TRUE))
    assert np.isnan(values[3])
    for one in told[:3]:
        assert one.iou.low < one.iou.value < one.iou.high
    # Whatever is wrong was taken for the first class: all of it is found, the others' is right.
    assert told[0].recall == 1
    assert told[1].precision == told[2].precision == 1
    assert sum(one.share for one in told) == pytest.approx(1)


def test_few_rows_have_no_interval() -> None:
    few = class_overlaps(FOUND.rows(np.arange(4)), TRUE[:4], names=NAMES)
    assert np.isnan(few[0].iou.low)


def test_whole_groups_are_resampled() -> None:
    groups = np.arange(40) // 10 * 10
    assert np.isnan(class_overlaps(FOUND, TRUE, names=NAMES, groups=groups)[0].iou.low)
    groups = np.arange(40) // 4
    assert not np.isnan(class_overlaps(FOUND, TRUE, names=NAMES, groups=groups)[0].iou.low)
