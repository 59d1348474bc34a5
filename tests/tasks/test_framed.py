"""Tasks whose answers lie in a picture."""

import io

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part
from lamina.evaluation.predictions import Predictions
from lamina.tasks.detection import Detection
from lamina.tasks.segmentation import Segmentation
from tests.tasks.examples import encoded


@pytest.mark.parametrize("task", [Detection(), Segmentation()])
def test_pictures_are_seen_whole_at_the_size_that_the_user_says(task) -> None:
    usual = task.fitting(ModalityOptions(), 0)
    assert usual.framing == "pad"
    assert (usual.max_size, usual.size_step) == (task.longest_side, task.size_step)
    said = task.fitting(ModalityOptions(max_size=96, size_step=16), 0)
    assert (said.max_size, said.size_step) == (96, 16)


def _turned(width: int, height: int) -> bytes:
    """Return a picture that is stored on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    Image.new("L", (width, height), 90).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def test_each_answer_has_the_size_of_its_picture() -> None:
    task, schema, dataset = encoded("mask")
    fitted = schema.targets[0].fitted
    rows = np.zeros((3, fitted.height * fitted.width), dtype=np.uint8)
    predictions = Predictions("masks", rows, num_classes=len(fitted.classes))
    cells = [_turned(40, 20), None, _turned(7, 30)]
    frame = pl.DataFrame({schema.inputs[0].name: pl.Series(cells, dtype=pl.Binary)})
    part = Part(dataset, torch.tensor([0, 2]))
    found = task.replies(predictions.rows(np.array([0, 2])), part, frame, schema)
    masks = found[schema.targets[0].name].to_list()
    assert masks[1] is None
    assert [masks[0]["size"], masks[2]["size"]] == [[40, 20], [7, 30]]
    own = task.answers(predictions, schema)[schema.targets[0].name].to_list()
    assert {tuple(mask["size"]) for mask in own} == {(fitted.height, fitted.width)}
