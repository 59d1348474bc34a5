import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.mask import Mask
from lamina.data.schema import infer_schema
from lamina.data.sources.coco import find_coco, is_coco
from lamina.data.sources.open import open_source
from tests.data.sources.made_boxes import SIZES, picture


def content(*names: str, **changes: Any) -> dict[str, Any]:
    whole = {
        "images": [
            {"id": i, "file_name": f"{n}.jpg", "width": SIZES[n][0], "height": SIZES[n][1]}
            for i, n in enumerate(names)
        ],
        "annotations": [
            {"id": 1, "image_id": 0, "category_id": 7, "bbox": [10, 8, 20, 32], "iscrowd": 0}
        ],
        "categories": [{"id": 7, "name": "cat"}],
    }
    return {**whole, **changes}


def write(path: Path, what: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(what))
    return path


def test_a_folder_with_a_file_per_part(tmp_path: Path) -> None:
    write(tmp_path / "annotations" / "instances_val2017.json", content("b"))
    write(tmp_path / "annotations" / "instances_train2017.json", content("a", "c"))
    write(tmp_path / "annotations" / "captions_train2017.json", {"images": [], "annotations": []})
    for name, folder in (("a", "train2017"), ("c", "train2017"), ("b", "val2017")):
        picture(tmp_path / folder / f"{name}.jpg", SIZES[name])
    source = open_source(tmp_path)
    frame = source.read()
    assert frame["split"].to_list() == ["train", "train", "validation"]
    box = frame["boxes"][0][0]
    assert (box["label"], box["x0"], box["y0"], box["x1"], box["y1"]) == ("cat", 10, 8, 30, 40)
    assert frame["boxes"][1].to_list() == []


def test_a_single_file_has_no_split(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg", SIZES["a"])
    path = write(tmp_path / "boxes.json", content("a"))
    assert open_source(path).read().columns == ["image", "boxes"]
    assert find_coco(tmp_path) == {path: None}


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", SIZES["a"])
    box = [1, 1, 5, 5]
    drawn = [
        {"id": 1, "image_id": 0, "category_id": 7, "bbox": box, "iscrowd": 1},
        {"id": 2, "image_id": 0, "category_id": 8, "bbox": box},
        {"id": 3, "image_id": 0, "category_id": 7, "bbox": [1, 1, None, 5]},
        {"id": 4, "image_id": 0, "category_id": 7, "bbox": [1, 1, -3, 5]},
        {"id": 5, "image_id": 0, "category_id": 7},
        {"id": 6, "image_id": 0, "category_id": [1], "bbox": box},
        {"id": 7, "image_id": 0, "category_id": 7, "bbox": box},
    ]
    path = write(tmp_path / "boxes.json", content("a", "b", annotations=drawn))
    source = open_source(path)
    assert [len(boxes) for boxes in source.read()["boxes"]] == [1]
    told = " | ".join(problem.what for problem in source.problems)
    for part in ("crowd", "no known category", "four numbers", "less than no width", "not there"):
        assert part in told


@pytest.mark.parametrize("what", [[], {"images": []}, {"images": 1, "annotations": 2}, "text"])
def test_other_json_is_none(tmp_path: Path, what: Any) -> None:
    assert not is_coco(write(tmp_path / "other.json", what))


def test_a_damaged_file_is_told_and_not_taken_for_something_else(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg", SIZES["a"])
    path = write(tmp_path / "annotations" / "instances_train.json", content("a"))
    path.write_text(path.read_text()[:-40])
    for what in (path, tmp_path):
        with pytest.raises(DataError, match=r"instances_train.json cannot be read as JSON"):
            open_source(what)
    path.write_text("")
    with pytest.raises(DataError, match=r"instances_train.json is empty"):
        open_source(tmp_path)


def test_categories_of_one_name_count_as_one(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", SIZES["a"])
    square = [0, 0, 4, 0, 4, 4, 0, 4]
    drawn = [
        {"id": i, "image_id": 0, "category_id": i, "bbox": [0, 0, 4, 4], "segmentation": [square]}
        for i in (7, 8)
    ]
    named = [{"id": 7, "name": "cat"}, {"id": 8, "name": "cat"}]
    path = write(tmp_path / "boxes.json", content("a", annotations=drawn, categories=named))
    source = open_source(path)
    frame = source.read()
    assert [box["label"] for box in frame["boxes"][0]] == ["cat", "cat"]
    assert source.problems[0].what == "has 2 categories 'cat', which count as one"
    state = Mask.fit(frame["mask"], role="target", options=ModalityOptions())
    assert state.classes == ("background", "cat")
    assert state.shares[1] == 16 / (SIZES["a"][0] * SIZES["a"][1])


def test_two_files_for_one_part_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "train_a.json", content("a"))
    write(tmp_path / "train_b.json", content("b"))
    with pytest.raises(DataError, match="several files for one part"):
        find_coco(tmp_path)


def test_outlines_are_masks_that_can_be_asked_for(tmp_path) -> None:
    Image.fromarray(np.zeros((4, 6, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    square = [1, 1, 4, 1, 4, 3, 1, 3]
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 6, "height": 4}],
        "categories": [{"id": 7, "name": "car"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 7,
                "bbox": [1, 1, 3, 2],
                "segmentation": [square],
            },
            {
                "id": 2,
                "image_id": 1,
                "category_id": 7,
                "bbox": [0, 0, 1, 1],
                "iscrowd": 1,
                "segmentation": {"counts": [0, 1, 23]},
            },
            # 17 pixels outside ("a" is 17 + 32 + 48, then "0"), the lower three of the fifth column
            # inside, four outside.
            {
                "id": 3,
                "image_id": 1,
                "category_id": 7,
                "bbox": [4, 1, 1, 3],
                "segmentation": {"counts": "a034", "size": [4, 6]},
            },
        ],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(content))
    source = open_source(tmp_path / "boxes.json")
    frame = source.read()
    assert source.modalities["mask"] == "mask"
    state = Mask.fit(frame["mask"], role="target", options=ModalityOptions())
    assert state.classes == ("background", "car")
    assert state.shares == (14 / 23, 9 / 23)
    schema = infer_schema(frame, targets=["mask"], by_source=source.modalities)
    roles = {column.name: column.role for column in schema.columns}
    assert (roles["image"], roles["mask"]) == ("input", "target")
    labelled = frame.drop("boxes").with_columns(pl.lit(3.5).alias("price"))
    schema = infer_schema(labelled, targets=["price"], by_source=source.modalities)
    assert schema.column("mask").role == "ignored"
