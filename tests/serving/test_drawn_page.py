"""Boxes and masks over the picture that was asked about, in a real browser."""

import io

import numpy as np
import pytest
from PIL import Image

from lamina.runtime.answers.boxes import Boxes
from lamina.runtime.answers.masks import Masks, mask_answer, mask_names
from lamina.runtime.signature import Field, Signature
from tests.serving.live import serving
from tests.serving.test_page import _shot, _two_tone, browser, visit  # noqa: F401 - fixtures

PHOTO = Field(name="photo", modality="image", height=20, width=30, channels=3, framing="pad")
CLASSES = ("dark", "light")
SIZES = {"height": 20, "width": 30}
DOCUMENT = {"target": "things", "classes": list(CLASSES), "picture": "photo", **SIZES}


def _is_light(cell) -> np.ndarray:
    """Return which pixels of a picture are light, bool [height, width]."""
    if isinstance(cell, np.ndarray):
        return cell.mean(axis=2) > 128
    with Image.open(io.BytesIO(cell)) as picture:
        return np.asarray(picture.convert("L")) > 128


class Finder:
    """Puts a box around what is light."""

    signature = Signature(
        name="finder",
        task="detection",
        fields=(PHOTO,),
        answers=Boxes.from_document({**DOCUMENT, "candidates": 1}).answers,
    )
    identity = "b" * 64

    def predict(self, rows):
        return [self._answer(_is_light(row["photo"])) for row in rows]

    def _answer(self, light):
        y, x = np.nonzero(light)
        boxes = []
        if len(x):
            corners = (x.min(), y.min(), x.max() + 1, y.max() + 1)
            sides = dict(zip(("x0", "y0", "x1", "y1"), map(float, corners)))
            boxes.append({"label": "light", "score": 0.8, **sides})
        names = [answer.name for answer in self.signature.answers]
        return dict(zip(names, (boxes, float(len(boxes)), 0.1, 0.8)))


class Painter:
    """Tells light pixels from dark ones."""

    signature = Signature(
        name="painter",
        task="segmentation",
        fields=(PHOTO,),
        answers=Masks.from_document(DOCUMENT).answers,
    )
    identity = "c" * 64

    def predict(self, rows):
        names = mask_names("things", CLASSES)
        return [mask_answer(_is_light(row["photo"]).astype(np.uint8), names) for row in rows]


def _colour(page, x, y):
    """Return the colour of the figure at a place of the picture, which is 60 wide."""
    canvas = "document.querySelector('figure.mask canvas')"
    at = ", ".join(f"Math.floor({place} * {canvas}.width / 60)" for place in (x, y))
    found = page.evaluate(f"Array.from({canvas}.getContext('2d').getImageData({at}, 1, 1).data)")
    return found[:3]


def _is_green(colour):
    return colour[1] > colour[0] + 80


def _wait_for_colour(page, x, y, *, like=None, unlike=None):
    for _ in range(100):
        found = _colour(page, x, y)
        if found == like or (like is None and found != unlike):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"({x}, {y}) stays {found}")


def _asked(page, tmp_path):
    _two_tone(tmp_path / "p.png")
    page.get_by_label("photo").set_input_files(str(tmp_path / "p.png"))
    page.get_by_alt_text("the picture chosen for photo").wait_for()
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("img", name="things over the picture").wait_for()


DARK = [40, 60, 90]
LIGHT = [250, 240, 220]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_boxes_are_drawn_where_they_are(visit, tmp_path, width, dark) -> None:  # noqa: F811
    with serving({"finder": Finder()}) as live:
        page = visit(live.url, width=width, dark=dark)
        _asked(page, tmp_path)
        page.locator(".legend", has_text="light × 1").wait_for()
        # The right border of the box is drawn, in green, and nothing far from it.
        assert _is_green(_colour(page, 30, 18))
        assert _colour(page, 50, 30) == DARK
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        _shot(page, f"boxes-{width}-{'dark' if dark else 'light'}")
        page.get_by_label("least score of the boxes shown").fill("0.95")
        page.get_by_text("No box is that sure.").wait_for()
        assert not _is_green(_colour(page, 30, 18))


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_masks_are_drawn_and_classes_can_be_hidden(visit, tmp_path, width, dark) -> None:  # noqa: F811
    with serving({"painter": Painter()}) as live:
        page = visit(live.url, width=width, dark=dark)
        _asked(page, tmp_path)
        _wait_for_colour(page, 15, 10, unlike=LIGHT)
        assert _colour(page, 50, 30) != DARK
        _shot(page, f"masks-{width}-{'dark' if dark else 'light'}")
        page.locator(".legend").get_by_label("light").uncheck()
        _wait_for_colour(page, 15, 10, like=LIGHT)
        assert _colour(page, 50, 30) != DARK
        page.get_by_label("how strong the colours are").fill("0")
        _wait_for_colour(page, 50, 30, like=DARK)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
