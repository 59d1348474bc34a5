"""What pictures are like, worked out by hand."""

import io

import numpy as np
import pytest
from PIL import Image

from lamina.runtime.figures.image import COLOURS, GREY, ImageFigures, figures_of
from lamina.runtime.signature import Field


def encoded(array: np.ndarray, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def test_grey_halves() -> None:
    # Half is 0 and half is 200: the mean is 100, and every cell is 100 away from it.
    picture = np.zeros((64, 96), dtype=np.uint8)
    picture[:, 48:] = 200
    expected = {"brightness": 100.0, "contrast": 100.0, "height": 64.0, "width": 96.0}
    expected |= dict.fromkeys(COLOURS, 100.0)
    assert figures_of(picture) == expected
    assert figures_of(encoded(picture)) == expected


def test_colours() -> None:
    picture = np.zeros((32, 32, 3), dtype=np.uint8)
    picture[..., 0] = 250
    picture[..., 2] = 10
    found = figures_of(encoded(picture))
    assert [found[name] for name in COLOURS] == [250.0, 0.0, 10.0]
    # .299 of 250 and .114 of 10.
    assert found["brightness"] == pytest.approx(75.9, abs=0.1)
    assert found["contrast"] == 0.0


def test_a_large_photo_is_measured_as_a_small_one_is() -> None:
    rows, columns = np.mgrid[0:600, 0:800]
    picture = ((rows / 600 + columns / 800) * 120).astype(np.uint8)
    whole, packed = figures_of(picture), figures_of(encoded(picture, "JPEG", quality=90))
    assert (packed["height"], packed["width"]) == (600.0, 800.0)
    assert packed["brightness"] == pytest.approx(whole["brightness"], abs=1)
    assert packed["contrast"] == pytest.approx(whole["contrast"], abs=1)


def test_a_picture_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = figures_of(encoded(np.zeros((20, 50), dtype=np.uint8), "JPEG", exif=exif))
    assert (found["height"], found["width"]) == (50.0, 20.0)


@pytest.mark.parametrize(
    "cell", [None, "a.png", b"", b"\x89PNG\r\n\x1a\n", 3, np.zeros(5), np.array(["a"])]
)
def test_what_is_no_picture_has_no_figures(cell) -> None:
    assert figures_of(cell) is None


@pytest.mark.parametrize(("channels", "names"), [(1, GREY), (3, (*GREY, *COLOURS))])
def test_grey_models_are_not_compared_by_colours(channels, names) -> None:
    figures = ImageFigures(Field(name="x", modality="image", channels=channels))
    assert figures.names == names
    assert set(names) <= set(figures.measure(np.zeros((4, 4), dtype=np.uint8)))
