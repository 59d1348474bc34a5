"""Thumbnails: every form of a picture, small enough, and nothing else under that name."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from lamina.core.errors import DataError
from lamina.reports.pictures import MOST_BYTES, SIDE, is_safe_uri, thumbnail_uri


def _image(uri: str) -> Image.Image:
    assert is_safe_uri(uri)
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


@pytest.mark.parametrize(
    "shape", [(28, 28), (28, 28, 1), (1, 28, 28), (32, 32, 3), (3, 32, 32), (40, 60, 4), (300, 20)]
)
def test_arrays(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    image = _image(thumbnail_uri(random.integers(0, 255, shape, dtype=np.uint8)))
    assert SIDE // 2 < max(image.size) <= SIDE


def test_numbers_in_the_unit_interval_are_scaled() -> None:
    array = np.full((30, 30), 0.5)
    array[0, 0] = np.nan
    assert abs(int(np.asarray(_image(thumbnail_uri(array)).convert("L"))[50, 50]) - 128) <= 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "I;16"])
def test_files_and_bytes(mode: str, tmp_path) -> None:
    path = tmp_path / ("picture.tif" if mode in ("CMYK", "I;16") else "picture.png")
    Image.new(mode, (120, 80)).save(path)
    assert _image(thumbnail_uri(path)).size == (96, 64)
    assert _image(thumbnail_uri(path.read_bytes())).size == (96, 64)


def test_noise_stays_small() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (500, 500, 3), dtype=np.uint8)
    assert len(thumbnail_uri(noise)) < MOST_BYTES


@pytest.mark.parametrize("bad", [b"no picture", "missing.png", np.zeros((0, 3)), np.zeros(7), None])
def test_what_is_no_picture_is_refused(bad: object) -> None:
    with pytest.raises(DataError, match="this picture cannot be read"):
        thumbnail_uri(bad)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "javascript:alert(1)",
        "https://evil.example/a.png",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PHN2Zz4=",
        'data:image/png;base64,AAAA" onerror="x',
        "data:image/png;base64,AAAA\n",
        "data:image/png;base64," + "A" * 100_000,
    ],
)
def test_only_embedded_pictures_are_safe(uri: str) -> None:
    assert not is_safe_uri(uri)
