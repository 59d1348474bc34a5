from pathlib import Path

import pytest

from lamina.data.sources.open import open_source
from lamina.data.sources.yolo import class_names, find_yolo
from tests.data.sources.made_boxes import picture


def label(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_folders_of_pictures_and_labels(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "train" / "a.jpg", (100, 80))
    picture(tmp_path / "images" / "val" / "b.jpg", (100, 80))
    picture(tmp_path / "images" / "val" / "c.jpg", (100, 80))
    label(tmp_path / "labels" / "train" / "a.txt", "1 0.5 0.5 0.2 0.5\n0 0.1 0.1 0.1 0.1\n")
    label(tmp_path / "labels" / "val" / "b.txt", "\n")
    (tmp_path / "data.yaml").write_text("names: [cat, dog]\n")
    frame = open_source(tmp_path).read()
    assert frame["split"].to_list() == ["train", "validation", "validation"]
    box = frame["boxes"][0][0]
    assert box["label"] == "dog"
    assert [box[n] for n in ("x0", "y0", "x1", "y1")] == pytest.approx([40, 20, 60, 60])
    assert [len(boxes) for boxes in frame["boxes"]] == [2, 0, 0]


def test_a_folder_per_part_and_polygons(tmp_path: Path) -> None:
    picture(tmp_path / "train" / "images" / "a.jpg", (100, 100))
    label(tmp_path / "train" / "labels" / "a.txt", "0 0.1 0.2 0.5 0.2 0.5 0.6")
    box = open_source(tmp_path).read()["boxes"][0][0]
    assert box["label"] == "0"
    assert [box[n] for n in ("x0", "y0", "x1", "y1")] == pytest.approx([10, 20, 50, 60])


def test_lines_that_are_no_boxes_are_told(tmp_path: Path) -> None:
    for place in range(21):
        picture(tmp_path / "images" / f"{place:02}.jpg", (20, 20))
        label(tmp_path / "labels" / f"{place:02}.txt", "0 0.5 0.5 0.2 0.2")
    label(tmp_path / "labels" / "20.txt", "0 0.5 0.5 0.2 0.2\n0 nan 0.5 0.2 0.2\nnonsense\n0 1 2 3")
    source = open_source(tmp_path)
    assert len(source.read()["boxes"][20]) == 1
    told = [problem.what for problem in source.problems]
    assert any("no number" in what for what in told)
    assert sum("is no box" in what for what in told) == 2


def test_one_damaged_file_does_not_hide_the_others(tmp_path: Path) -> None:
    for place in range(3):
        picture(tmp_path / "images" / f"{place}.jpg", (20, 20))
        label(tmp_path / "labels" / f"{place}.txt", "0 0.5 0.5 0.2 0.2")
    label(tmp_path / "labels" / "0.txt", "\x00\x01 damaged")
    source = open_source(tmp_path)
    assert [len(boxes) for boxes in source.read()["boxes"]] == [0, 1, 1]
    assert source.problems[0].where == "0.txt, line 1"
    # Where most are none, the folder holds something else.
    label(tmp_path / "labels" / "1.txt", "a dog on the grass")
    assert find_yolo(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("data.yaml", "names: {0: cat, 2: dog}", ("cat", "1", "dog")),
        ("classes.txt", "cat\n\ndog\n", ("cat", "dog")),
        ("data.yaml", "names: [a\n", ()),
        ("other.txt", "cat", ()),
    ],
)
def test_names_of_classes(tmp_path: Path, name: str, text: str, wanted: tuple[str, ...]) -> None:
    (tmp_path / name).write_text(text)
    assert class_names(tmp_path, [tmp_path / name]) == wanted


def test_other_folders_are_none(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "cat" / "a.jpg", (8, 8))
    assert find_yolo(tmp_path) is None
    label(tmp_path / "labels" / "cat" / "a.txt", "a text about a cat")
    assert find_yolo(tmp_path) is None
