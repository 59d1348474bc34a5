"""Pictures become the pixels of training, and what is no picture fails its row alone."""

import dataclasses
import io

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lamina.runtime.modalities.image import ImageReader, size_of
from tests.runtime.modalities.states import assert_reads_the_same, fitted, reader_of

RNG = np.random.default_rng(0)
COLOUR = fitted("image", pl.Series("x", RNG.integers(0, 256, (6, 12, 10, 3), dtype=np.uint8)))
WHOLE = dataclasses.replace(COLOUR, framing="pad", width=16)
CUT = dataclasses.replace(COLOUR, framing="windows")
CUT_GREY = dataclasses.replace(CUT, channels=1, mean=(0.5,), deviation=(0.2,))
GREY = fitted("image", pl.Series("x", RNG.integers(0, 256, (6, 8, 8), dtype=np.uint8)))


def encoded(mode: str, size=(17, 23), format="PNG", **options) -> bytes:
    pixels = RNG.integers(0, 256, (*reversed(size), 4), dtype=np.uint8)
    picture = Image.fromarray(pixels, "RGBA").convert(mode)
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def sixteen_bits() -> bytes:
    file = io.BytesIO()
    Image.fromarray(RNG.integers(0, 1 << 16, (9, 9), dtype=np.uint16)).save(file, "PNG")
    return file.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded("RGB", format="JPEG", exif=exif)


FILES = {
    "rgb": encoded("RGB"),
    "rgba": encoded("RGBA"),
    "grey": encoded("L"),
    "grey alpha": encoded("LA"),
    "palette": encoded("P"),
    "bits": encoded("1"),
    "cmyk": encoded("CMYK", format="JPEG"),
    "large jpeg": encoded("RGB", size=(640, 480), format="JPEG"),
    "gif": encoded("P", format="GIF"),
    "webp": encoded("RGB", format="WEBP"),
    "bmp": encoded("RGB", format="BMP"),
    "tiff": encoded("RGB", format="TIFF"),
    "tall": encoded("RGB", size=(3, 200)),
    "right size": encoded("RGB", size=(10, 12)),
    "16 bits": sixteen_bits(),
    "turned": turned(),
}


@pytest.mark.parametrize(
    "state",
    [COLOUR, GREY, WHOLE, CUT, CUT_GREY],
    ids=["colour", "grey", "whole", "windows", "windows of grey"],
)
def test_encoded_pictures(state) -> None:
    assert_reads_the_same(state, pl.Series("x", [*FILES.values(), None], dtype=pl.Binary))


@pytest.mark.parametrize("state", [COLOUR, GREY, CUT], ids=["colour", "grey", "windows"])
def test_bytes_that_are_no_picture_fail_alone(state) -> None:
    hurt = [b"", b"no picture", FILES["rgb"][:60], b"\x89PNG\r\n\x1a\n" + b"\0" * 50]
    for data in FILES.values():
        for _ in range(6):
            changed = bytearray(data)
            for place in RNG.integers(0, len(data), 4):
                changed[place] = RNG.integers(0, 256)
            hurt.append(bytes(changed))
    assert_reads_the_same(state, pl.Series("x", hurt, dtype=pl.Binary))


@pytest.mark.parametrize(
    "shape", [(12, 10, 3), (8, 8), (8, 8, 1), (20, 9, 3), (5, 40), (12, 10, 4), (3, 12, 10)]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_arrays_of_any_size(shape, dtype) -> None:
    pixels = RNG.integers(0, 256, (1, *shape)).astype(dtype)
    column = pl.Series("x", pixels)
    for state in (COLOUR, GREY, CUT):
        assert_reads_the_same(state, column, [pixels[0]])


def test_colour_becomes_grey_as_pillow_makes_it() -> None:
    pixels = RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    reader = ImageReader(channels=1, height=64, width=64)
    expected = np.asarray(Image.fromarray(pixels).convert("L"))
    np.testing.assert_array_equal(reader.read([pixels]).values[0, 0], expected)


@pytest.mark.parametrize(
    "cell",
    [
        *("/etc/passwd", 5, [1], {}, np.zeros(3), np.zeros((0, 3)), np.zeros((5, 5, 7))),
        np.array([["a"]]),
        np.zeros((2, 2), dtype=complex),
    ],
)
def test_what_is_no_picture_is_told(cell) -> None:
    read = reader_of(COLOUR).read([cell, FILES["rgb"]])
    assert list(read.errors) == [0]
    assert "no picture" in read.errors[0] or "channels" in read.errors[0]
    assert read.values[1].any()


def test_a_bomb_is_not_decoded() -> None:
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    read = reader_of(COLOUR).read([file.getvalue()])
    assert "pixels" in read.errors[0]


def test_sizes_are_those_of_upright_pictures() -> None:
    assert size_of(FILES["turned"]) == (23, 17)
    assert size_of(FILES["large jpeg"]) == (640, 480)
    assert size_of(np.zeros((3, 12, 10), dtype=np.uint8)) == (10, 12)
    assert size_of(b"no picture") is None
    assert size_of("a.png") is None
