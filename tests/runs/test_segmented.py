"""What a report says of masks."""

import numpy as np
import torch

from lamina.data.parts import Part
from lamina.evaluation.predictions import Predictions
from lamina.reports.pictures import is_safe_uri
from lamina.runs.segmented import overlaid, segmented
from lamina.tasks.base import modality_of
from tests.tasks.examples import encoded

TASK, SCHEMA, DATASET = encoded("mask")


def test_the_worst_come_first_and_classes_are_told() -> None:
    part = Part(DATASET, torch.arange(20, 40))
    truth = TASK.truth(part.targets(), SCHEMA, num_samples=20)
    own = np.where(truth == 255, 0, truth).astype(np.uint8)
    own[7] = 0
    found = Predictions("masks", own, num_classes=3)
    told = segmented(found, truth, modality_of(SCHEMA, "mask"), part)
    assert told["class_names"] == ["0", "1", "2"]
    assert told["colours"][:2] == ["#000000", "#800000"]
    assert [one.name for one in told["overlaps"]] == ["0", "1", "2"]
    worst = told["drawn"][0]
    assert worst["row"] == 27
    assert worst["mean_iou"] < 0.3
    assert all(is_safe_uri(one[n]) for one in told["drawn"] for n in ("picture", "truth", "answer"))
    assert sum(map(sum, told["confusion"])) == int((truth != 255).sum())


def test_colours_lie_over_the_picture_where_something_is_known() -> None:
    mask = modality_of(SCHEMA, "mask")
    picture = np.full((1, 2, 3), 100, dtype=np.uint8)
    drawn = overlaid(picture, np.array([1, 255], dtype=np.uint8), mask)
    # .4 of the picture and .6 of half red; nothing over what is not known.
    assert drawn.tolist() == [[[117, 40, 40], [100, 100, 100]]]
