"""Folders of pictures and masks, in their usual layouts."""

import numpy as np
import pytest
from PIL import Image

from lamina.core.errors import DataError
from lamina.data.sources.masks import find_masks
from lamina.data.sources.open import open_source


def made(root, *names) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(path)


LAYOUTS = {
    "images and masks": [("images/{}.jpg", "masks/{}.png")],
    "an ending": [("images/{}.jpg", "labels/{}_mask.png")],
    "voc": [("JPEGImages/{}.jpg", "SegmentationClass/{}.png")],
    "camvid": [("train/{}.png", "trainannot/{}.png"), ("test/{}.png", "testannot/{}.png")],
    "kaggle": [("train/{}.png", "train_labels/{}_L.png"), ("val/{}.png", "val_labels/{}_L.png")],
    "split below": [("images/train/{}.jpg", "masks/train/{}.png")],
    "pets": [("images/{}.jpg", "annotations/trimaps/{}.png")],
    "split above": [("train/images/{}.jpg", "train/masks/{}.png")],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_pairs_are_found(name, tmp_path) -> None:
    for picture, mask in LAYOUTS[name]:
        made(tmp_path, *(form.format(stem) for stem in "ab" for form in (picture, mask)))
    source = open_source(tmp_path)
    frame = source.read()
    assert source.target == "mask"
    assert source.modalities == {"mask": "mask"}
    wanted = [
        [str(tmp_path / form.format(stem)) for form in forms]
        for forms in LAYOUTS[name]
        for stem in "ab"
    ]
    assert sorted(map(list, frame.select("image", "mask").rows())) == sorted(wanted)
    if len(LAYOUTS[name]) > 1 or "split" in name:
        parts = {"train", "test", "validation"}
        assert set(frame["split"]) <= parts
        assert "train" in set(frame["split"])


def test_what_has_no_partner_is_put_aside(tmp_path) -> None:
    made(tmp_path, "images/a.jpg", "images/b.jpg", "masks/a.png", "masks/c.png")
    source = find_masks(tmp_path)
    assert source is not None
    assert source.read().height == 1
    assert [problem.where.rsplit("/", 1)[1] for problem in source.problems] == ["b.jpg", "c.png"]
    assert source.describe().num_rows == 1


def test_pictures_and_masks_of_other_names_are_not_taken_for_classes(tmp_path) -> None:
    made(tmp_path, *(f"images/a{n}.png" for n in range(4)), *(f"masks/b{n}.png" for n in range(4)))
    with pytest.raises(DataError, match=r"4 pictures \(images/a0.png\) and 4 masks .* 0 of them"):
        open_source(tmp_path)


@pytest.mark.parametrize("root", ["", "images/"])
def test_faces_with_masks_are_classes(root, tmp_path) -> None:
    made(tmp_path, f"{root}mask/1.png", f"{root}no_mask/2.png", f"{root}no_face/3.png")
    assert set(open_source(tmp_path).read()["label"]) == {"mask", "no_mask", "no_face"}


def test_classes_in_folders_are_no_masks(tmp_path) -> None:
    made(tmp_path, "cat/1.png", "dog/1.png", "masks_of_clay/1.png")
    assert find_masks(tmp_path) is None
    assert "label" in open_source(tmp_path).read().columns
