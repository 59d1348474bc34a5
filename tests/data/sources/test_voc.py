from pathlib import Path

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.open import open_source
from lamina.data.sources.voc import find_voc
from tests.data.sources.made_boxes import BOXES, SIZES, annotation, picture


def classic(root: Path) -> Path:
    for name, size in SIZES.items():
        picture(root / "JPEGImages" / f"{name}.jpg", size)
        annotation(root / "Annotations" / f"{name}.xml", BOXES[name], size)
    return root


def test_the_classic_layout_with_lists_of_the_split(tmp_path: Path) -> None:
    root = classic(tmp_path)
    lists = root / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("a\n")
    (lists / "val.txt").write_text("b 1\n")
    (lists / "trainval.txt").write_text("a\nb\n")
    (lists / "test.txt").write_text("c\n")
    (lists / "cat_train.txt").write_text("c\n")
    source = open_source(root)
    frame = source.read()
    assert source.kind == "Pascal VOC"
    assert source.target == "boxes"
    assert frame["split"].to_list() == ["train", "validation", "test"]
    assert [Path(path).name for path in frame["image"]] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [len(boxes) for boxes in frame["boxes"]] == [2, 0, 0]
    first = frame["boxes"][0][0]
    assert first == {
        "label": "cat",
        "x0": 10,
        "y0": 8,
        "x1": 30,
        "y1": 40,
        "width": 64,
        "height": 48,
    }
    assert source.problems == []


def test_files_of_no_part_are_put_aside(tmp_path: Path) -> None:
    root = classic(tmp_path)
    lists = root / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "trainval.txt").write_text("a\nc\n")
    source = open_source(root)
    assert source.read()["split"].to_list() == ["train", "train"]
    assert "no part of the split" in source.problems[0].what


def test_files_beside_pictures_in_folders_of_the_split(tmp_path: Path) -> None:
    for folder, name in (("train", "a"), ("valid", "b")):
        picture(tmp_path / folder / f"{name}.jpg", SIZES[name])
        annotation(tmp_path / folder / f"{name}.xml", BOXES[name], None)
    frame = open_source(tmp_path).read()
    assert frame["split"].to_list() == ["train", "validation"]
    assert frame["boxes"][0][1]["label"] == "dog"


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    root = classic(tmp_path)
    (root / "Annotations" / "b.xml").write_text("<annotation><object>")
    (root / "Annotations" / "c.xml").write_text(
        '<!DOCTYPE a [<!ENTITY lol "lol">]><annotation></annotation>'
    )
    annotation(root / "Annotations" / "d.xml", (), (5, 5), name="nowhere.jpg")
    annotation(root / "Annotations" / "a.xml", (("", (1, 1, 5, 5)),), SIZES["a"])
    source = open_source(root)
    assert source.read().height == 1
    told = " | ".join(problem.what for problem in source.problems)
    for part in ("cannot be read as XML", "entities", "not there", "without a name"):
        assert part in told


def test_other_folders_are_none(tmp_path: Path) -> None:
    picture(tmp_path / "cat" / "a.jpg", (8, 8))
    (tmp_path / "settings.xml").write_text("<settings/>")
    assert find_voc(tmp_path) is None


@pytest.mark.parametrize("folders", [("Annotations", "JPEGImages"), ("train", "train"), ("", "")])
def test_an_empty_first_file_is_put_aside(tmp_path: Path, folders: tuple[str, str]) -> None:
    for name in SIZES:
        picture(tmp_path / folders[1] / f"{name}.jpg", SIZES[name])
        annotation(tmp_path / folders[0] / f"{name}.xml", BOXES["a"], SIZES[name])
    (tmp_path / folders[0] / "a.xml").write_text("")
    source = open_source(tmp_path)
    assert source.kind == "Pascal VOC"
    assert source.read().height == 2
    assert "a.xml" in source.problems[0].where
    assert "cannot be read as XML" in source.problems[0].what


def test_files_of_which_none_can_be_read_are_refused(tmp_path: Path) -> None:
    root = classic(tmp_path)
    for path in (root / "Annotations").iterdir():
        path.write_text("")
    with pytest.raises(DataError, match=r"3 XML files, and none of .*: a.xml cannot be read as X"):
        open_source(root)
    for path in (root / "Annotations").iterdir():
        path.write_text("<kml></kml>")
    with pytest.raises(DataError, match=r"a.xml begins with <kml>. Check the files"):
        open_source(root)
