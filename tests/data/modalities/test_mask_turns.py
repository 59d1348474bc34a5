"""Masks that turn with the pictures they were drawn on."""

import io

import numpy as np
import polars as pl
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from lamina.data.dataset import encode_frame
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.mask_drawings import drawing
from lamina.data.modalities.mask_files import read_mask, upright_size
from lamina.data.modalities.mask_turns import ON_ITS_SIDE, turn_of, turned_cell, turned_pixels
from lamina.data.schema import fit_schema, infer_schema

STORED = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.uint8)


def file(pixels, orientation=None, file_format="PNG") -> bytes:
    buffer, exif = io.BytesIO(), Pillow.Exif()
    if orientation:
        exif[0x0112] = orientation
    Pillow.fromarray(pixels).save(buffer, file_format, exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", ON_ITS_SIDE)
def test_pixels_turn_as_pictures_do(orientation) -> None:
    picture = Pillow.open(io.BytesIO(file(STORED, orientation, "TIFF")))
    upright = np.asarray(ImageOps.exif_transpose(picture))
    assert np.array_equal(turned_pixels(STORED, orientation), upright)
    found = read_mask(turned_cell(file(STORED), orientation))
    assert np.array_equal(found.codes, upright)


def test_a_quarter_clockwise_by_hand() -> None:
    assert turned_pixels(STORED, 6).tolist() == [[3, 0], [4, 1], [5, 2]]
    cell = turned_cell(drawing((1, 2), ["a", "b"], [(1, [1, 0, 2, 0, 2, 1, 1, 1])]), 6)
    assert read_mask(cell).codes.tolist() == [[0], [1]]
    assert upright_size(cell) == (1, 2)


def test_cells_name_the_mask_and_the_turn(tmp_path) -> None:
    path = tmp_path / 'a "mask".png'
    path.write_bytes(file(STORED))
    cell = turned_cell(str(path), 8)
    assert turn_of(cell) == (str(path), 8)
    assert read_mask(cell).codes.tolist() == [[2, 5], [1, 4], [0, 3]]
    assert upright_size(cell) == (2, 3)
    assert read_mask(turned_cell(str(tmp_path / "none.png"), 8)) == "there is no such file"
    assert upright_size(turned_cell(str(tmp_path / "none.png"), 8)) is None


@pytest.mark.parametrize(
    "cell",
    [
        None,
        b"x",
        "/a.png",
        '{"turned": ',
        '{"turned": 3, "mask": "/a.png"}',
        '{"turned": 6, "mask": 7}',
        turned_cell(turned_cell("/a.png", 6), 6),
    ],
)
def test_other_cells_are_none(cell) -> None:
    assert turn_of(cell) is None


def test_masks_of_stored_pictures_turn_and_others_are_told(tmp_path) -> None:
    colours = np.zeros((24, 36, 3), dtype=np.uint8)
    colours[:8] = 200
    codes = (colours[..., 0] > 0).astype(np.uint8)
    upright = turned_pixels(codes, 6)
    rows = {
        "plain": (file(colours), file(codes)),
        "stored": (file(colours, 6, "JPEG"), file(codes)),
        "upright": (file(colours, 6, "JPEG"), file(np.ascontiguousarray(upright))),
        "turned itself": (file(colours, 6, "JPEG"), file(codes, 6)),
        "other": (file(colours, 6, "JPEG"), file(codes[:9])),
        # The picture stands upright, so its mask must not be turned.
        "no reason": (file(colours), file(np.ascontiguousarray(upright))),
    }
    for name, cells in rows.items():
        for folder, content in zip(("image", "mask"), cells):
            (tmp_path / f"{folder} {name}.png").write_bytes(content)
    paths = {
        folder: [str(tmp_path / f"{folder} {name}.png") for name in rows]
        for folder in ("image", "mask")
    }
    held = {
        "image": pl.Series([image for image, _ in rows.values()], dtype=pl.Binary),
        "mask": pl.Series([mask for _, mask in rows.values()], dtype=pl.Binary),
    }
    for cells in (paths, held):
        frame = pl.DataFrame(cells)
        schema = infer_schema(frame, targets=["mask"], overrides={"mask": "mask"})
        options = ModalityOptions(framing="pad", image_size=36)
        dataset = encode_frame(fit_schema(schema, frame, options=options), frame)
        assert dataset.unlabelled.tolist() == [False] * 4 + [True] * 2
        told = [problem.what for problem in dataset.problems]
        assert told == [
            "the mask has 36 × 9 pixels, its picture 24 × 36",
            "the mask has 24 × 36 pixels, its picture 36 × 24",
        ]
        masks = dataset.targets["mask"]
        for row in (1, 2, 3):
            assert np.array_equal(masks[row, :, 6:30].numpy(), upright)
        # The bright third of the picture and the second class lie in the same place.
        bright = dataset.inputs["image"][1:4, 0, :, 6:30] > 100
        assert np.array_equal(bright.numpy(), np.broadcast_to(upright == 1, (3, 36, 24)))
