"""Pictures of every kind, and masks and boxes that do not fit them: good results or clear words."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lamina.runs.run import Run

TINY = ("--set", "training.steps=3", "--set", "training.batch_size=8", "--set", "is_probed=false")
UNET = ("--set", "network.widths=[8,16]", "--set", "network.depths=[1,1]")
SMALL = ("--set", "data.fitting.max_size=32", "--overrule", "--json")
ENCODER = ("--set", "network.encoder.depths=[1,1,1]", "--set", "network.encoder.width=4")
STORED = {
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright picture is turned to be stored with an orientation."""


def scene(row: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Return a bright square before a dark ground, its mask and its corners."""
    chance = np.random.default_rng(row)
    side = min(width, height) // 2
    left, top = int(chance.integers(0, width - side)), int(chance.integers(0, height - side))
    image, mask = np.full((height, width, 3), 30, np.uint8), np.zeros((height, width), np.uint8)
    image[top : top + side, left : left + side] = (250, 200, 60)
    mask[top : top + side, left : left + side] = 1
    return image, mask, (left, top, left + side, top + side)


def plain(path: Path, image: np.ndarray) -> None:
    Image.fromarray(image).save(path.with_suffix(".png"))


def in_mode(mode: str, suffix: str) -> Callable[[Path, np.ndarray], None]:
    def save(path: Path, image: np.ndarray) -> None:
        Image.fromarray(image).convert(mode).save(path.with_suffix(suffix))

    return save


def deep(path: Path, image: np.ndarray) -> None:
    grey = np.asarray(Image.fromarray(image).convert("L")).astype(np.uint16)
    Image.fromarray(grey * 257).save(path.with_suffix(".png"))


def held(orientation: int) -> Callable[[Path, np.ndarray], None]:
    def save(path: Path, image: np.ndarray) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = Image.fromarray(image).transpose(STORED[orientation])
        stored.save(path.with_suffix(".jpg"), exif=exif)

    return save


KINDS: dict[str, Callable[[Path, np.ndarray], None]] = {
    "plain": plain,
    "grey": in_mode("L", ".png"),
    "palette": in_mode("P", ".png"),
    "alpha": in_mode("RGBA", ".png"),
    "grey alpha": in_mode("LA", ".png"),
    "cmyk": in_mode("CMYK", ".jpg"),
    "deep": deep,
    **{f"held {orientation}": held(orientation) for orientation in STORED},
}


def masks(root: Path, rows: int = 20, kinds: tuple[str, ...] = ("plain",)) -> Path:
    for folder in ("images", "masks"):
        (root / folder).mkdir(parents=True)
    for row in range(rows):
        width, height = ((36, 24), (20, 28), (150, 100))[row // len(kinds) % 3]
        image, mask, _ = scene(row, width, height)
        kind = kinds[row % len(kinds)]
        KINDS[kind](root / "images" / f"{row:02}", image)
        found = Image.fromarray(mask)
        if kind.startswith("held") and row // len(kinds) % 2:
            # Every second of them was drawn on the picture as it is stored.
            found = found.transpose(STORED[int(kind[-1])])
        found.save(root / "masks" / f"{row:02}.png")
    return root


def boxes(root: Path, rows: int = 20, kinds: tuple[str, ...] = ("plain",)) -> Path:
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for row in range(rows):
        width, height = ((36, 24), (20, 28), (150, 100))[row // len(kinds) % 3]
        image, _, (x0, y0, x1, y1) = scene(row, width, height)
        KINDS[kinds[row % len(kinds)]](root / "images" / f"{row:02}", image)
        numbers = (x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width
        line = " ".join(map(str, (0, *numbers, (y1 - y0) / height)))
        (root / "labels" / f"{row:02}.txt").write_text(line)
    return root


def refused(done, *parts) -> None:
    assert done.code == 2, (done.out, done.err)
    assert done.err.count("lamina: ") == 1
    assert "Traceback" not in done.err
    for part in parts:
        assert part in done.err, done.err


def test_masks_of_pictures_of_every_kind(lamina, tmp_path) -> None:
    rows = 3 * len(KINDS)
    root = masks(tmp_path / "data", rows, tuple(KINDS))
    damaged = sorted((root / "images").iterdir())[0]
    damaged.write_bytes(damaged.read_bytes()[:60])
    Image.new("L", (9, 9), 1).save(root / "masks" / "12.png")
    done = lamina("fit", "data", *TINY, *UNET, *SMALL, "--out", "run")
    assert done.code == 0, done.err
    # One picture is damaged, and one mask has another size; all others are used.
    assert sum(done.json["rows"].values()) == rows - 2
    report = (tmp_path / "run" / "report.html").read_text()
    assert "the mask has 9 × 9 pixels, its picture 20 × 28" in report
    assert damaged.name in report
    frame = Run("run").predict("data/images")
    for row, size in ((1, [24, 36]), (7, [24, 36]), (18, [28, 20]), (32, [100, 150])):
        answer = frame["mask"][row]
        assert (
            list(json.loads(answer)["size"] if isinstance(answer, str) else answer["size"]) == size
        )


def test_boxes_of_pictures_of_every_kind(lamina, tmp_path) -> None:
    rows = 2 * len(KINDS)
    root = boxes(tmp_path / "data", rows, tuple(KINDS))
    (root / "labels" / "03.txt").write_text("0 3 3 .1 .1\n0 .5 .5 0 0\n0 .9 .9 .5 .5\n")
    (root / "labels" / "04.txt").write_text("")
    done = lamina("fit", "data", *TINY, *ENCODER, *SMALL, "--out", "run")
    assert done.code == 0, done.err
    assert sum(done.json["rows"].values()) == rows
    report = (tmp_path / "run" / "report.html").read_text()
    for told in ("outside the 36 × 24 pixels", "has no area", "hangs over the border"):
        assert told in report


def small_masks(root: Path, change: Callable[[Path], None]) -> None:
    for path in sorted((root / "masks").iterdir()):
        change(path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def shrink(path: Path) -> None:
    Image.open(path).resize((7, 7)).save(path)


def lose(path: Path) -> None:
    Image.open(path).point(lambda value: 200 * value).save(path.with_suffix(".jpg"), quality=50)
    path.unlink()


def rename(path: Path) -> None:
    path.rename(path.with_name(f"x{path.name}"))


def empty(path: Path) -> None:
    Image.fromarray(np.zeros_like(np.asarray(Image.open(path)))).save(path)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (cut, ("no mask of column 'mask' could be read", "Check the files")),
        (shrink, ("the mask has 7 × 7 pixels, its picture", "lamina check")),
        (lose, ("are JPEG files", "PNG")),
        (rename, ("pictures (images/00.png)", "masks (masks/x00.png)", "0 of them are pairs")),
        (empty, ("must hold at least two classes, got the values 0",)),
        (Path.unlink, ("nothing says what is to be predicted", "a mask of the same name")),
    ],
)
def test_masks_that_cannot_be_used(lamina, tmp_path, change, parts) -> None:
    small_masks(masks(tmp_path / "data", 12), change)
    refused(lamina("fit", "data", *TINY), *parts)


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        ('["a","a"]', ("class_names names the class 'a' twice",)),
        ('["a=1","b=1"]', ("the classes 'a' and 'b' the same code (1)",)),
    ],
)
def test_classes_named_twice(lamina, tmp_path, names, parts) -> None:
    masks(tmp_path / "data", 12)
    refused(lamina("fit", "data", "--set", f"data.fitting.class_names={names}", *TINY), *parts)
    (tmp_path / "data" / "classes.txt").write_text("a\na\n")
    refused(lamina("fit", "data", *TINY), "classes.txt names a class twice")


def test_masks_that_are_not_there(lamina, tmp_path) -> None:
    root = masks(tmp_path / "data", 12)
    lines = [f"images/{row:02}.png,gone/{row:02}.png" for row in range(12)]
    (root / "pairs.csv").write_text("\n".join(["image,mask", *lines]))
    done = lamina("fit", "data/pairs.csv", "--target", "mask", *TINY)
    refused(done, "no mask of column 'mask' could be read: there is no such file")


@pytest.mark.parametrize("text", ["", "0 3 3 .1 .1\n", "0 .5 .5 0 0\n"])
def test_no_box_is_left(lamina, tmp_path, text) -> None:
    for path in (boxes(tmp_path / "data", 12) / "labels").iterdir():
        path.write_text(text)
    refused(lamina("fit", "data", *TINY), "no training picture of column 'boxes' has a box")


def test_files_of_boxes_that_are_empty(lamina, tmp_path) -> None:
    root = boxes(tmp_path / "data", 12)
    (root / "labels").rename(root / "Annotations")
    for path in list((root / "Annotations").iterdir()):
        path.rename(path.with_suffix(".xml")).write_text("")
    refused(lamina("fit", "data", *TINY), "12 XML files", "00.xml cannot be read as XML")
    for path in (root / "Annotations").iterdir():
        path.unlink()
    (root / "Annotations").rmdir()
    (root / "annotations").mkdir()
    (root / "annotations" / "instances_train.json").write_text("")
    refused(lamina("fit", "data", *TINY), "instances_train.json is empty")


def test_a_folder_with_nothing(lamina, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    refused(lamina("fit", "data"), "is empty")
