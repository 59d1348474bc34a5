"""Tasks that may see large pictures in windows."""

import dataclasses
import io

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from lamina.core.errors import ConfigError
from lamina.data.dataset import encode_frame
from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part
from lamina.data.schema import infer_schema
from lamina.data.tiles import Tiles
from lamina.evaluation.predictions import Predictions
from lamina.runtime.masks import mask_of
from lamina.tasks.classification import Classification
from lamina.tasks.detection import Detection
from lamina.tasks.segmentation import Segmentation
from lamina.tasks.windowed import MOST_PIXELS
from tests.tasks.examples import encoded, facts_of

TASK, SCHEMA, DATASET = encoded("windows")
RECIPE = TASK.plan(facts_of("windows"))
SIDE = 16


def png(height: int, width: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (width, height), 90).save(stream, "PNG")
    return stream.getvalue()


def frame_of(*sizes: tuple[int, int]) -> pl.DataFrame:
    cells = [png(*size) for size in sizes]
    return pl.DataFrame({"image": pl.Series(cells, dtype=pl.Binary), "mask": cells})


@pytest.mark.parametrize(
    ("said", "size", "wanted"),
    [
        ({}, (700, 1100), "windows"),
        ({}, (700, 1000), "pad"),
        ({"max_size": 512}, (700, 1100), "pad"),
        ({"max_size": 32}, (90, 150), "windows"),
        ({"framing": "pad"}, (700, 1100), "pad"),
        ({"framing": "windows"}, (20, 30), "windows"),
    ],
)
def test_pictures_much_larger_than_a_window_are_seen_in_windows(said, size, wanted):
    frame = frame_of(size, size, (30, 20))
    schema = infer_schema(frame, targets=["mask"], overrides={"image": "image", "mask": "mask"})
    options = TASK.framed(ModalityOptions(**said), frame, schema)
    assert TASK.fitting(options, 0, schema).framing == wanted


def test_a_plan_says_why_pictures_are_seen_in_windows():
    facts = facts_of("windows")
    assert facts.samples_per_row > 1
    assert "16 × 16 pixels" in RECIPE.reasons["data.fitting.framing"]
    whole = TASK.plan(dataclasses.replace(facts, samples_per_row=1.0))
    assert "data.fitting.framing" not in whole.reasons


def test_other_tasks_refuse_windows():
    with pytest.raises(ConfigError, match=r"detection needs data.fitting.framing to be 'pad', got"):
        Detection().fitting(ModalityOptions(framing="windows"), 0)
    with pytest.raises(ConfigError, match=r'data.fitting.framing is "windows". Set it to "crop"'):
        Classification().part(DATASET, torch.arange(3), RECIPE)


def test_samples_are_windows_to_learn_from_and_tiles_to_answer():
    rows = torch.tensor([3, 1])
    learnt = TASK.part(DATASET, rows, RECIPE, purpose="learn")
    # Windows of 16 pixels every 8 pixels at most: four along 36 pixels, five along 44.
    assert TASK.num_samples(DATASET, rows) == 2 * 4 * 5
    assert set((learnt.index % 40).tolist()) == set(range(40))
    tiles = TASK.part(DATASET, rows, RECIPE)
    assert tiles.rows().tolist() == [1] * 9 + [3] * 9
    truth = TASK.truth(tiles.targets(), SCHEMA, num_samples=18)
    assert truth.shape == (18, SIDE * SIDE)
    assert (truth != 255).sum() == 2 * (36 * 44 - 1)


def test_a_row_is_explained_by_its_tile_of_most_contrast():
    part = TASK.explained(DATASET, torch.tensor([4, 2]), RECIPE)
    assert part.index.tolist() == [4, 2]
    assert part.rows().tolist() == [4, 2]
    picture, own = part.samples.picture(4), part.samples.batch(torch.tensor([4])).inputs["image"]
    spread = [
        picture[top : top + SIDE, left : left + SIDE].std()
        for top in range(0, 36, SIDE)
        for left in range(0, 44, SIDE)
    ]
    tile = own[0].numpy()
    _, top, left = part.samples.places[4].tolist()
    assert picture[top : top + SIDE, left : left + SIDE].std() == max(spread)
    assert np.array_equal(
        tile[:, : 36 - top, : 44 - left], picture[top:, left:][:SIDE, :SIDE].transpose(2, 0, 1)
    )


def test_replies_have_the_size_of_each_picture():
    sizes = [(20, 33), (40, 17), (5, 8)]
    cells = [png(*sizes[0]), None, png(*sizes[1]), png(*sizes[2])]
    frame = pl.DataFrame({"image": pl.Series(cells, dtype=pl.Binary)})
    part = TASK.asked(encode_frame(SCHEMA, frame, with_targets=False), RECIPE)
    assert isinstance(part.samples, Tiles)
    wanted = {
        row: np.add.outer(np.arange(h), np.arange(w)) % 3 for row, (h, w) in zip((0, 2, 3), sizes)
    }
    values = np.stack(
        [
            part.samples.of_picture(part.index[[place]], wanted[row].astype(np.uint8)).reshape(-1)
            for place, row in enumerate(part.rows().tolist())
        ]
    )
    told = TASK.replies(Predictions("masks", values, num_classes=3), part, frame, SCHEMA)
    masks = told["mask"].to_list()
    assert masks[1] is None
    for row, mask in wanted.items():
        assert np.array_equal(mask_of(masks[row]), mask)
        assert told["share_1"][row] == pytest.approx((mask == 1).mean())
    nothing = Part(part.samples, part.index[:0])
    empty = TASK.replies(Predictions("masks", values[:0], num_classes=3), nothing, frame, SCHEMA)
    assert empty["mask"].to_list() == [None] * 4


def test_rows_are_answered_together_as_far_as_their_pictures_may_be_held(monkeypatch):
    monkeypatch.setattr("lamina.tasks.windowed.MOST_PIXELS", 1000)
    frame = frame_of((20, 30), (20, 30), (10, 10), (90, 90), (5, 5))
    assert [piece.height for piece in TASK.pieces(frame, SCHEMA)] == [1, 2, 1, 1]
    assert [piece.height for piece in TASK.pieces(frame[:0], SCHEMA)] == [0]
    whole, schema, _ = encoded("mask")
    assert [piece.height for piece in whole.pieces(frame, schema)] == [5]
    assert MOST_PIXELS >= 6000 * 6000


def test_overlaps_are_those_of_the_recipe():
    answering = dataclasses.replace(RECIPE.answering, overlap=0.5)
    asked = TASK.asked_by(dataclasses.replace(RECIPE, answering=answering))
    assert asked.form(SCHEMA)["overlap"] == 0.5
    assert Segmentation().form(encoded("mask")[1])["overlap"] is None
