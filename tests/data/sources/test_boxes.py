import math
from pathlib import Path

import pytest
from PIL import Image

from lamina.data.sources.boxes import repaired
from lamina.data.sources.voc import VocSource
from tests.data.sources.made_boxes import annotation, picture

SIZE = (100, 80)


@pytest.mark.parametrize(
    ("corners", "wanted", "why"),
    [
        ((10, 20, 30, 40), (10, 20, 30, 40), ""),
        ((30, 40, 10, 20), (10, 20, 30, 40), "exchanged"),
        ((-20, 20, 30, 200), (0, 20, 30, 80), "hangs over"),
        # A pixel over the border is how files that count from 1 are written.
        ((0, 0, 100.5, 80), (0, 0, 100, 80), ""),
        ((10, 20, 10, 40), None, "no area"),
        ((10, math.nan, 30, 40), None, "no number"),
        ((10, 20, math.inf, 40), None, "no number"),
        ((200, 20, 230, 40), None, "outside"),
        ((-30, 20, -5, 40), None, "outside"),
    ],
)
def test_boxes_are_repaired_or_left_out(
    corners: tuple[float, float, float, float],
    wanted: tuple[float, float, float, float] | None,
    why: str,
) -> None:
    found, told = repaired(corners, SIZE)
    assert found == wanted
    assert why in told
    assert bool(why) == bool(told)


@pytest.mark.parametrize(
    ("orientation", "wanted"),
    [
        # Worked out by hand: the box (10, 20, 30, 50) of a stored picture 100 wide and 80 high.
        (6, (30, 10, 60, 30)),  # a quarter clockwise: x is 80 - y, y is x
        (8, (20, 70, 50, 90)),  # a quarter back: x is y, y is 100 - x
        (5, (20, 10, 50, 30)),  # along the diagonal
        (7, (30, 70, 60, 90)),
    ],
)
def test_boxes_drawn_on_the_stored_picture_turn_with_it(
    tmp_path: Path, orientation: int, wanted: tuple[float, ...]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture(tmp_path / "a.jpg", (100, 80), exif=exif)
    drawn = annotation(tmp_path / "a.xml", (("cat", (10, 20, 30, 50)),), (100, 80))
    box = VocSource(tmp_path, [drawn]).read()["boxes"][0][0]
    assert (box["x0"], box["y0"], box["x1"], box["y1"]) == wanted
    assert (box["width"], box["height"]) == (80, 100)
    # Drawn on the upright picture, they stay.
    drawn = annotation(tmp_path / "a.xml", (("cat", (10, 20, 30, 50)),), (80, 100))
    box = VocSource(tmp_path, [drawn]).read()["boxes"][0][0]
    assert (box["x0"], box["y0"], box["x1"], box["y1"]) == (10, 20, 30, 50)


def test_boxes_of_a_picture_of_another_size_are_scaled(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", (50, 40))
    drawn = annotation(tmp_path / "a.xml", (("cat", (10, 20, 30, 40)),), (100, 80))
    box = VocSource(tmp_path, [drawn]).read()["boxes"][0][0]
    assert (box["x0"], box["y0"], box["x1"], box["y1"]) == (5, 10, 15, 20)


def test_a_picture_that_cannot_be_read_keeps_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    stated = annotation(tmp_path / "a.xml", (("cat", (10, 20, 30, 40)),), (100, 80))
    source = VocSource(tmp_path, [stated])
    assert source.read()["boxes"][0][0]["width"] == 100
    silent = annotation(tmp_path / "a.xml", (("cat", (10, 20, 30, 40)),), None)
    source = VocSource(tmp_path, [silent])
    assert source.read()["boxes"].to_list() == [[]]
    assert "cannot be read" in source.problems[0].what


def test_the_fingerprint_follows_boxes_and_pictures(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", (50, 40))
    drawn = annotation(tmp_path / "a.xml", (("cat", (1, 2, 3, 4)),), (50, 40))
    before = VocSource(tmp_path, [drawn]).fingerprint()
    assert VocSource(tmp_path, [drawn]).fingerprint() == before
    annotation(tmp_path / "a.xml", (("cat", (1, 2, 3, 5)),), (50, 40))
    assert VocSource(tmp_path, [drawn]).fingerprint() != before
