"""What a report says of boxes."""

import numpy as np
import pytest
import torch

from lamina.data.modalities.boxes import Boxes
from lamina.data.parts import Part
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import Predictions
from lamina.reports.pictures import is_safe_uri
from lamina.runs.compare import compare_runs, load_answers
from lamina.runs.detected import detected, drawn_over, paired
from lamina.runs.train import Augmentation
from lamina.tasks.base import modality_of
from tests.runs.tiny import finished
from tests.tasks.examples import encoded

TASK, SCHEMA, DATASET = encoded("boxes")


def test_right_wrong_and_missed_by_hand() -> None:
    boxes = np.array([[0, 0.9, 0, 0, 10, 10], [0, 0.8, 0, 0, 10, 9], [1, 0.7, 20, 20, 30, 30.0]])
    truth = np.array([[0, 0, 0, 10, 10], [0, 20, 20, 30, 30.0]])
    is_right, is_found = paired(boxes, truth)
    assert is_right.tolist() == [True, False, False]
    assert is_found.tolist() == [True, False]
    assert paired(boxes[:0], truth)[1].tolist() == [False, False]
    assert paired(boxes, truth[:0])[0].tolist() == [False] * 3


def test_pictures_with_most_mistakes_come_first() -> None:
    part = Part(DATASET, torch.arange(20, 40))
    truth = TASK.truth(part.targets(), SCHEMA, num_samples=20)
    sure = (truth[..., :1] >= 0).astype(float)
    candidates = np.concatenate([truth[..., :1], sure, truth[..., 1:]], axis=2)
    candidates[9] = 0
    values = np.concatenate([np.zeros((20, 2)), candidates.reshape(20, -1)], axis=1)
    found = Predictions("boxes", values, num_classes=2)
    own = modality_of(SCHEMA, "boxes")
    assert isinstance(own, Boxes)
    told = detected(found, truth, own, part)
    assert told["class_names"] == ["bright", "dark"]
    assert [one.name for one in told["classes"]] == ["bright", "dark"]
    worst = told["drawn"][0]
    assert (worst["row"], worst["missed"], worst["wrong"]) == (29, 2, 0)
    assert all(one["missed"] == 0 for one in told["drawn"][1:])
    assert all(is_safe_uri(one[name]) for one in told["drawn"] for name in ("truth", "answer"))


def test_boxes_are_drawn_in_the_colour_of_their_class() -> None:
    picture = np.zeros((20, 30, 3), dtype=np.uint8)
    boxes = np.array([[1.0, 5, 4, 20, 15]])
    good = drawn_over(picture, boxes, np.array([True]), (0xFF0000, 0x00FF00))
    assert good[4, 10].tolist() == [0, 255, 0]
    assert good[9, 12].tolist() == [0, 0, 0]
    crossed = drawn_over(picture, boxes, np.array([False]), (0xFF0000, 0x00FF00))
    assert (crossed != good).any()


def test_the_last_part_of_the_training_has_no_mosaic() -> None:
    plan = finished("boxes").plan
    assert plan.recipe.augmentation.mosaic == 0.5
    change = Augmentation(plan, {})
    assert change.mixes_samples
    batch = DATASET.batch(torch.arange(16))
    change.set_progress(0.5)
    early = change(batch, 0).inputs["image"]
    assert torch.equal(change(batch, 0).inputs["image"], early)
    change.set_progress(0.9)
    assert not torch.equal(change(batch, 0).inputs["image"], early)


@pytest.mark.parametrize("name", ["boxes", "mask"])
def test_answers_are_kept_with_their_number_of_classes(name: str) -> None:
    run = finished(name)
    kept = load_answers(run)
    metric = run.evaluation["metric"]
    found = score(metric, kept.predictions, kept.truth)
    assert found == pytest.approx(run.evaluation["metrics"][metric]["value"])
    assert compare_runs(run.path, run.path).gain.value == 0
