"""Pictures of different sizes: what is cut from them, in memory and on disk."""

import numpy as np
import polars as pl
import pytest
import torch

from lamina.data.dataset import Dataset, encode_frame
from lamina.data.modalities.base import ModalityOptions
from lamina.data.pictures import Pictures, pictures_of
from lamina.data.schema import Schema, fit_schema, infer_schema
from lamina.data.streaming import encode_source
from tests.runs.tiny import _png

SIZES = [(5, 7), (0, 0), (12, 3), (1, 1)]


def made(channels: int) -> tuple[list[np.ndarray | None], Pictures]:
    rng = np.random.default_rng(0)
    kinds = (channels,) if channels else ()
    found = [
        rng.integers(0, 250, (*size, *kinds), dtype=np.uint8) if all(size) else None
        for size in SIZES
    ]
    return found, pictures_of(found, ground=250, channels=channels)


@pytest.mark.parametrize("channels", [0, 1, 3])
def test_pictures_come_back_as_they_are(channels):
    found, pictures = made(channels)
    assert len(pictures) == 4
    assert pictures.sizes.tolist() == [list(size) for size in SIZES]
    for row in (0, 2, 3):
        assert np.array_equal(pictures.whole(row), found[row])


@pytest.mark.parametrize("channels", [0, 3])
def test_windows_are_parts_of_the_pictures_with_ground_around(channels):
    found, pictures = made(channels)
    rows, tops, lefts = (
        torch.tensor([0, 2, 0, 1, 3]),
        torch.tensor([1, 10, 3, 0, 0]),
        torch.zeros(5),
    )
    lefts = torch.tensor([2, 0, 5, 0, 0])
    own = pictures.windows(rows, tops, lefts, side=4).numpy()
    if channels:
        own = own.transpose(0, 2, 3, 1)
    assert np.array_equal(own[0], found[0][1:5, 2:6])
    assert np.array_equal(own[1][:2, :3], found[2][10:12, 0:3])
    assert (own[1][2:] == 250).all()
    assert (own[1][:, 3:] == 250).all()
    assert np.array_equal(own[2][:2, :2], found[0][3:, 5:])
    assert (own[3] == 250).all()
    assert np.array_equal(own[4][0, 0], found[3][0, 0])


def test_whole_rows_fit_in_squares():
    found, pictures = made(3)
    own = pictures.select(torch.tensor([2, 0]))
    assert own.shape == (2, 3, 12, 12)
    assert np.array_equal(own[1, :, :5, :7].numpy(), found[0].transpose(2, 0, 1))
    assert pictures.select(torch.tensor([], dtype=torch.int64)).shape == (0, 3, 1, 1)


def encoded_rows() -> tuple[Schema, pl.DataFrame, Dataset]:
    rng = np.random.default_rng(1)
    sizes = [(30, 40), (9, 11), (64, 20), (25, 25)]
    cells = [_png(rng.integers(0, 255, (*size, 3), dtype=np.uint8)) for size in sizes]
    masks = [_png(rng.integers(0, 2, size, dtype=np.uint8)) for size in sizes]
    frame = pl.DataFrame(
        {
            "image": pl.Series([*cells, b"no picture"], dtype=pl.Binary),
            "mask": pl.Series([*masks, masks[0]], dtype=pl.Binary),
        }
    )
    schema = infer_schema(frame, targets=["mask"], overrides={"image": "image", "mask": "mask"})
    fitted = fit_schema(schema, frame, options=ModalityOptions(framing="windows", max_size=16))
    return fitted, frame, encode_frame(fitted, frame)


def test_a_picture_that_cannot_be_read_fails_its_row_and_has_no_pixels():
    _, _, dataset = encoded_rows()
    assert dataset.failed.tolist() == [False] * 4 + [True]
    pictures, masks = dataset.inputs["image"], dataset.targets["mask"]
    assert pictures.sizes.tolist() == [[30, 40], [9, 11], [64, 20], [25, 25], [0, 0]]
    assert masks.sizes.tolist()[:4] == pictures.sizes.tolist()[:4]
    assert "row 4" in dataset.problems[0].where


def test_on_disk_they_are_the_same(tmp_path):
    schema, frame, dataset = encoded_rows()
    stored = encode_source(schema, frame.iter_slices(2), tmp_path)
    for first, second in (
        (dataset.inputs["image"], stored.inputs["image"]),
        (dataset.targets["mask"], stored.targets["mask"]),
    ):
        assert torch.equal(first.sizes, second.sizes)
        assert (first.ground, first.channels) == (second.ground, second.channels)
        places = torch.tensor([[0, 20, 30], [2, 50, 0], [1, 0, 0], [2, 0, 10]]).unbind(1)
        assert torch.equal(first.windows(*places, side=16), second.windows(*places, side=16))
        assert np.array_equal(first.whole(3), second.whole(3))
