"""The class of every pixel: answers, evidence, and what it asks for."""

import dataclasses

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part
from lamina.evaluation.predictions import Predictions
from lamina.runtime.masks import mask_of
from lamina.tasks.segmentation import Segmentation
from tests.tasks.examples import encoded, facts_of

TASK, SCHEMA, DATASET = encoded("mask")


def test_pictures_are_seen_whole() -> None:
    options = TASK.fitting(ModalityOptions(), 10)
    assert (options.framing, options.max_size) == ("pad", 256)
    assert TASK.fitting(ModalityOptions(max_size=99), 10).max_size == 99


def test_replies_are_of_the_size_of_the_pictures_that_came() -> None:
    height, width = TASK.outputs(SCHEMA)[0].places
    classes = np.zeros((1, height, width), dtype=np.uint8)
    classes[:, :, width // 2 :] = 2
    found = Predictions("masks", classes.reshape(1, -1), num_classes=3)
    pictures = np.zeros((2, 24, 32, 3), dtype=np.uint8)
    frame = pl.DataFrame({"image": pictures})
    part = Part(DATASET, torch.tensor([1]))
    told = TASK.replies(found, part, frame, SCHEMA)
    assert told["mask"][0] is None
    mask = mask_of(told["mask"][1])
    assert mask.shape == (24, 32)
    assert (mask[:, :16] == 0).all()
    assert (mask[:, 16:] == 2).all()
    assert told.columns == ["mask", "share_0", "share_1", "share_2"]
    assert told["share_2"][1] == 0.5


def test_a_mirrored_answer_is_mirrored_back() -> None:
    answers = torch.randn(2, 1, 3, 4, 5)
    assert torch.equal(TASK.seen_back(answers, 0), answers)
    assert torch.equal(TASK.seen_back(answers, 1), answers.flip(4))


def test_shifted_views_are_refused() -> None:
    recipe = TASK.plan(facts_of("mask"))
    answering = dataclasses.replace(recipe.answering, views=6)
    with pytest.raises(ConfigError, match=r"got 6 views\. Set answering.views to 2"):
        TASK.loss(dataclasses.replace(recipe, answering=answering), SCHEMA, None)


def test_evidence_speaks_for_what_is_seen() -> None:
    logits = torch.zeros(1, 3, 2, 2)
    logits[:, 1] = 2.0
    evidence = TASK.evidence({"mask": logits}, SCHEMA)[0]
    # Chances e² / (e² + 2): log-odds 2 - log 2.
    assert evidence[1].item() == pytest.approx(2 - np.log(2), abs=1e-5)
    assert evidence.argmax() == 1
    assert Segmentation().claim(SCHEMA, 1) == ("mask shows 1", "mean log-odds of all pixels")


def test_simple_answers_come_from_training_rows() -> None:
    known = Part(DATASET, torch.arange(40))
    part = Part(DATASET, torch.arange(40, 50))
    truth = TASK.truth(part.targets(), SCHEMA, num_samples=10)
    like = Predictions("masks", np.where(truth == 255, 0, truth), num_classes=3)
    found = TASK.baselines(known, part, like)
    assert [one.name for one in found] == ["place", "colour_and_place"]
    assert all(one.predictions.values.shape == truth.shape for one in found)
