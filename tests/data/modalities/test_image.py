"""Tests of the image modality: kinds of pictures, and what is no picture."""

import io
import random
import struct
import zlib

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image as Pillow

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.image import Image
from lamina.data.sources.names import PICTURE_SUFFIXES

COLOURS = np.random.default_rng(0).integers(0, 255, (12, 10, 3), dtype=np.uint8)


def encoded(array, file_format="PNG", mode=None, **options):
    picture = Pillow.fromarray(array)
    file = io.BytesIO()
    (picture.convert(mode) if mode else picture).save(file, file_format, **options)
    return file.getvalue()


def fit(column, **options):
    return Image.fit(column, role="input", options=ModalityOptions(**options))


def blob(*cells):
    return pl.Series("picture", list(cells), dtype=pl.Binary)


def png_claiming(width, height):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def test_pixels_of_a_lossless_picture_come_through_unchanged():
    column = blob(encoded(COLOURS))
    state = fit(column)
    values = state.encode(column).values
    assert values.dtype == torch.uint8
    assert torch.equal(values[0], torch.from_numpy(COLOURS).permute(2, 0, 1))
    assert state.input_spec("picture").shape == (3, 12, 10)
    np.testing.assert_allclose(state.mean, COLOURS.mean((0, 1)) / 255, atol=1e-6)
    np.testing.assert_allclose(state.deviation, COLOURS.std((0, 1)) / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("file_format", "mode"),
    [("PNG", m) for m in ("1", "L", "P", "LA", "RGBA")]
    + [("JPEG", "CMYK"), ("GIF", "P"), ("BMP", "RGB"), ("WEBP", "RGB"), ("TIFF", "RGB")],
)
def test_every_mode_becomes_grey_or_rgb(file_format, mode):
    column = blob(encoded(COLOURS, file_format, mode))
    encoded_column = fit(column).encode(column)
    assert not encoded_column.failed.any()
    assert encoded_column.values.shape[1] == (1 if mode in ("1", "L", "LA") else 3)


def test_sixteen_bits_floats_and_transparency():
    deep = np.full((4, 4), 0x8000, dtype=np.uint16)
    assert fit(blob(encoded(deep))).encode(blob(encoded(deep))).values.unique().tolist() == [0x80]
    share = blob(encoded(np.full((4, 4), 0.5, dtype=np.float32), "TIFF"))
    assert fit(share).encode(share).values.unique().tolist() == [128]
    clear = np.zeros((4, 4, 4), dtype=np.uint8)
    assert fit(blob(encoded(clear))).encode(blob(encoded(clear))).values.unique().tolist() == [255]


def test_a_picture_lying_on_its_side_is_turned_upright():
    exif = Pillow.Exif()
    exif[0x0112] = 6
    column = blob(encoded(COLOURS, "JPEG", exif=exif))
    assert fit(column).input_spec("p").shape == (3, 10, 12)


def test_size_is_native_where_equal_else_a_square_near_the_median():
    small, large = encoded(COLOURS), encoded(COLOURS.repeat(4, 0).repeat(4, 1))
    assert (fit(blob(small, small)).height, fit(blob(small, small)).width) == (12, 10)
    mixed = fit(blob(small, large, large))
    assert (mixed.height, mixed.width) == (40, 40)
    assert fit(blob(small, large, large), max_size=16).height == 16
    # Equal sizes keep their proportions: 48 × 40 pixels, at most 24.
    smaller = fit(blob(large, large), max_size=24)
    assert (smaller.height, smaller.width) == (24, 20)
    assert fit(blob(small), image_size=8).encode(blob(small)).values.shape == (1, 3, 8, 8)


def test_broken_pictures_fail_their_row_only_and_say_why(tmp_path):
    good = encoded(COLOURS)
    column = blob(good, good[:150], b"", b"hello", None, png_claiming(20_000, 20_000), good)
    result = fit(column).encode(column)
    assert result.failed.tolist() == [False, True, True, True, True, True, False]
    assert result.problem_rows == (1, 2, 3, 4, 5)
    assert "pixels" in result.problems[4].what
    missing = fit(blob(good)).encode(pl.Series([str(tmp_path / "none.png")]))
    assert missing.problems[0].where.endswith("none.png")
    assert missing.problems[0].what == "there is no such file"


def test_damaged_bytes_never_crash():
    source = random.Random(0)
    originals = [encoded(COLOURS, kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")]
    cells = []
    for number in range(120):
        data = bytearray(originals[number % len(originals)])
        for _ in range(source.randint(1, 12)):
            data[source.randrange(len(data))] = source.randrange(256)
        cells.append(bytes(data))
    result = fit(blob(*originals)).encode(blob(*cells))
    assert result.values.shape[0] == 120
    assert 0 < int(result.failed.sum()) < 120
    assert len(result.problems) == min(20, int(result.failed.sum()))


def test_arrays_are_taken_over_without_a_copy():
    pictures = np.random.default_rng(0).integers(0, 255, (5, 6, 7), dtype=np.uint8)
    column = pl.Series("a", pictures)
    values = fit(column).encode(column).values
    assert values.shape == (5, 1, 6, 7)
    assert values.data_ptr() == column.to_numpy().ctypes.data
    assert torch.equal(values[:, 0], torch.from_numpy(pictures))


def test_arrays_with_colours_with_gaps_and_of_another_size():
    colours = np.stack([COLOURS, COLOURS])
    column = pl.Series("a", colours)
    state = fit(column)
    assert torch.equal(state.encode(column).values[1], torch.from_numpy(COLOURS).permute(2, 0, 1))
    gap = pl.concat([column, pl.Series("a", [None], dtype=column.dtype)])
    assert state.encode(gap).failed.tolist() == [False, False, True]
    half = pl.Series("a", colours[:, :6, :5])
    assert state.encode(half).values.shape == (2, 3, 12, 10)


def test_paths_are_read(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(COLOURS))
    column = pl.Series("file", [str(path)])
    assert Image.recognise(column).score > 0.95
    assert not fit(column).encode(column).failed.any()


def test_recognition_and_refusals():
    assert Image.recognise(blob(b"x")).score == 1
    assert Image.recognise(pl.Series(["http://x.org/a.png"])).score == 0
    assert Image.recognise(pl.Series(["cat", "dog"])).score == 0
    assert Image.recognise(blob(b"x"), role="target").score == 0
    with pytest.raises(DataError, match="could be read"):
        fit(blob(b"hello", None))
    with pytest.raises(DataError, match="no pictures"):
        fit(pl.Series("n", [1, 2]))


def test_every_ending_that_folders_take_for_pictures_is_recognised():
    for ending in PICTURE_SUFFIXES:
        assert Image.recognise(pl.Series("p", [f"a{ending}", f"b{ending.upper()}"])).score > 0.9


def test_pictures_are_seen_as_a_published_model_wants_them(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    scale = '{"size": 5, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1]}'
    (tmp_path / "preprocessor_config.json").write_text(scale)
    grey = pl.Series("p", np.zeros((3, 8, 8), dtype=np.uint8))
    options = ModalityOptions(picture_scale=str(tmp_path))
    state = Image.fit(grey, role="input", options=options)
    assert state.encode(grey).values.shape == (3, 3, 5, 5)
    assert state.input_spec("p").mean == (0.5, 0.4, 0.3)
    assert state.input_spec("p").deviation == (0.2, 0.2, 0.1)


def test_a_picture_brought_in_whole_keeps_its_proportions():
    # Most are twice as wide as high, so the network's picture is: 64 x 32, of multiples of 32.
    wide = encoded(np.full((40, 80, 3), (9, 99, 199), dtype=np.uint8))
    tall = encoded(np.full((80, 20, 3), (9, 99, 199), dtype=np.uint8))
    column = blob(wide, wide, tall)
    state = fit(column, framing="pad", max_size=70, size_step=32)
    assert (state.height, state.width) == (32, 64)
    values = state.encode(column).values
    assert (values[0] == torch.tensor([9, 99, 199], dtype=torch.uint8)[:, None, None]).all()
    # 20 x 80 becomes 8 x 32, with 28 columns of grey on each side.
    assert (values[2, :, :, :28] == 128).all()
    assert (values[2, :, :, 36:] == 128).all()
    assert (values[2, :, :, 28:36] == values[0, :, :, 28:36]).all()
    assert Image.from_document(state.to_document()) == state


def test_documents_from_before_framing_crop():
    document = fit(blob(encoded(COLOURS))).to_document()
    del document["framing"]
    assert Image.from_document(document).framing == "crop"


def test_pictures_seen_in_windows_stay_as_they_are():
    large = np.random.default_rng(1).integers(0, 255, (40, 90, 3), dtype=np.uint8)
    column = blob(encoded(COLOURS), encoded(large))
    state = fit(column, framing="windows", max_size=32)
    assert state.input_spec("picture").shape == (3, 32, 32)
    assert state.pixels == round((12 * 10 + 40 * 90) / 2)
    assert state.row_bytes == 3 * state.pixels
    every = np.concatenate([COLOURS.reshape(-1, 3), large.reshape(-1, 3)]) / 255
    np.testing.assert_allclose(state.mean, every.mean(0), atol=1e-6)
    np.testing.assert_allclose(state.deviation, every.std(0), atol=1e-6)
    found = state.encode(column).values
    assert np.array_equal(found.whole(0), COLOURS)
    assert np.array_equal(found.whole(1), large)


@pytest.mark.parametrize(
    ("options", "side"),
    [({}, 80), ({"max_size": 500}, 90), ({"max_size": 50, "size_step": 32}, 64)],
)
def test_no_window_is_larger_than_all_pictures(options, side):
    column = blob(encoded(COLOURS), encoded(np.zeros((90, 20, 3), dtype=np.uint8)))
    assert fit(column, framing="windows", **options).height == side


@pytest.mark.parametrize("framing", ["crop", "windows"])
def test_large_pictures_are_fitted_from_some_of_their_pixels(framing):
    pixels = np.random.default_rng(2).integers(0, 255, (1200, 1100), dtype=np.uint8)
    state = fit(blob(encoded(pixels)), framing=framing, max_size=40)
    assert state.mean[0] == pytest.approx(0.5, abs=0.01)
    # Pixels vary as they do in windows; brought to 40 pixels they are means of many.
    spread = 1 / np.sqrt(12)
    assert (state.deviation[0] > 0.95 * spread) == (framing == "windows")
