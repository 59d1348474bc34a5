"""What lies where in a picture: answers, evidence, and what it asks for."""

import dataclasses

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import ConfigError, DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import Predictions
from lamina.networks.detector import DetectorConfig
from lamina.tasks.detection import Detection
from tests.tasks.examples import encoded, facts_of

TASK, SCHEMA, DATASET = encoded("boxes")


def answer(*candidates: list[float]) -> Predictions:
    values = np.array([[-1.0, 2.0, *np.ravel(candidates)]])
    return Predictions("boxes", values, num_classes=2)


def test_pictures_are_seen_whole_in_steps_of_the_coarsest_map() -> None:
    options = TASK.fitting(ModalityOptions(), 10)
    assert (options.framing, options.max_size, options.size_step) == ("pad", 320, 32)
    own = TASK.fitting(ModalityOptions(max_size=99, size_step=16), 10)
    assert (own.max_size, own.size_step) == (99, 16)


def test_replies_are_in_pixels_of_the_pictures_that_came() -> None:
    # The network's picture is 64 × 64; one of 128 × 64 lies in it at half its size, 16 rows down.
    found = answer([1, 0.9, 0, 16, 32, 32], [0, 0.2, 1, 1, 9, 9])
    frame = pl.DataFrame({"image": np.zeros((2, 64, 128, 3), dtype=np.uint8)})
    told = TASK.replies(found, Part(DATASET, torch.tensor([1])), frame, SCHEMA)
    assert told["boxes"][0] is None
    (box,) = told["boxes"][1].to_list()
    assert [box[side] for side in ("x0", "y0", "x1", "y1")] == [0, 0, 64, 32]
    assert (box["label"], told["count"][1]) == ("dark", 1)


def test_the_surest_class_is_explained() -> None:
    found = answer([1, 0.9, 0, 16, 32, 32])
    assert TASK.chosen(found).tolist() == [1]
    evidence = TASK.evidence({"boxes": torch.from_numpy(found.values)}, SCHEMA)
    assert evidence.tolist() == [[-1, 2]]
    assert TASK.claim(SCHEMA, 1)[0] == "dark is there"
    assert TASK.choices(SCHEMA) == ("bright", "dark")


def test_the_usual_boxes_are_a_weak_baseline() -> None:
    known, part = Part(DATASET, torch.arange(60)), Part(DATASET, torch.arange(60, 90))
    like = Predictions("boxes", np.zeros((30, 2 + 6)), num_classes=2)
    (own,) = TASK.baselines(known, part, like)
    truth = TASK.truth(part.targets(), SCHEMA, num_samples=30)
    assert own.name == "usual_boxes"
    assert 0 <= score("map50", own.predictions, truth) < 0.3
    assert TASK.baselines(known, Part(DATASET, torch.arange(0)), like) == ()


def test_it_has_as_many_candidates_as_its_network() -> None:
    recipe = TASK.plan(facts_of("boxes"))
    network = DetectorConfig(candidates=7)
    own = Detection().asked_by(dataclasses.replace(recipe, network=network))
    assert own.form(SCHEMA)["candidates"] == 7


def test_boxes_of_unknown_classes_teach_nothing() -> None:
    recipe = TASK.plan(facts_of("boxes"))
    loss = TASK.loss(recipe, SCHEMA, None)
    batch = Part(DATASET, torch.arange(3)).samples.batch(torch.tensor([1]))
    output = torch.zeros(1, 64, 3 + 64 + 2)
    corners = batch.targets["boxes"][0, 0, 1:]
    output[..., :2], output[..., 2] = (corners[:2] + corners[2:]) / 2, 8.0
    known = loss({"boxes": output}, batch)
    strange = batch.targets["boxes"].clone()
    strange[..., 0] = 2
    batch = dataclasses.replace(batch, targets={"boxes": strange})
    none = dataclasses.replace(batch, targets={"boxes": torch.full_like(strange, torch.nan)})
    assert torch.equal(loss({"boxes": output}, batch), loss({"boxes": output}, none))
    assert not torch.equal(loss({"boxes": output}, batch), known)


def test_what_does_not_go_together_is_refused() -> None:
    recipe = TASK.plan(facts_of("boxes"))
    several = dataclasses.replace(recipe, answering=dataclasses.replace(recipe.answering, views=2))
    with pytest.raises(ConfigError, match="views have no mean"):
        TASK.loss(several, SCHEMA, None)
    _, other, _ = encoded("picture")
    assert TASK.suits(other) == ""
    with pytest.raises(DataError, match="holds no boxes"):
        TASK.outputs(other)
