from pathlib import Path

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.box_table import box_columns
from lamina.data.sources.open import open_source
from tests.data.sources.made_boxes import picture


def test_lines_of_one_picture_are_joined(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        picture(tmp_path / "pictures" / f"{name}.jpg", (64, 48))
    table = tmp_path / "boxes.csv"
    table.write_text(
        "path,x0,y0,x1,y1,class,split\n"
        "b.jpg,1,2,3,4,cat,train\n"
        "a.jpg,5,6,60,40,dog,test\n"
        "b.jpg,10,10,20,20,dog,train\n"
        "c.jpg,,,,,,train\n"
        "a.jpg,1,2,3,4,,test\n"
        "a.jpg,9,9,9,12,cat,test\n"
    )
    source = open_source(table)
    frame = source.read()
    assert source.kind == "table of boxes"
    assert [path[-5:] for path in frame["image"]] == ["b.jpg", "a.jpg", "c.jpg"]
    assert [len(boxes) for boxes in frame["boxes"]] == [2, 1, 0]
    assert frame["split"].to_list() == ["train", "test", "train"]
    told = " | ".join(problem.what for problem in source.problems)
    assert "no class" in told
    assert "no area" in told
    # The table in the folder of its pictures is found, too.
    assert open_source(tmp_path).kind == "table of boxes"


def test_pictures_that_are_not_there_are_told(tmp_path: Path) -> None:
    # A file called after a corner must not be taken for the picture.
    picture(tmp_path / "below" / "1.png", (64, 48))
    table = tmp_path / "boxes.csv"
    table.write_text("path,x0,y0,x1,y1,class\n" + "gone.png,1,1,5,5,cat\n" * 3)
    with pytest.raises(DataError, match=r"boxes in pictures that column 'path' names, and 'gone"):
        open_source(table)


def test_a_corner_with_width_and_height(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", (64, 48))
    table = tmp_path / "boxes.csv"
    table.write_text("file;x;y;w;h;label\na;10;20;30;8;cat\n")
    box = open_source(table).read()["boxes"][0][0]
    assert [box[n] for n in ("x0", "y0", "x1", "y1")] == [10, 20, 40, 28]


def test_corners_are_pixels_of_the_size_that_is_stated(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", (64, 48))
    table = tmp_path / "boxes.csv"
    table.write_text(
        "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,128,96,cat,10,20,30,40\n"
    )
    box = open_source(table).read()["boxes"][0][0]
    assert [box[n] for n in ("x0", "y0", "x1", "y1")] == [5, 10, 15, 20]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("f", "X1", "Y1", "X2", "Y2", "Class"), ("X1", "Y1", "X2", "Y2", "Class")),
        (("f", "xmin", "ymin", "xmax", "label"), None),
        (("label", "xmin", "ymin", "xmax", "ymax"), None),
        (("f", "label"), None),
    ],
)
def test_columns_are_known_by_their_names(
    names: tuple[str, ...], wanted: tuple[str, ...] | None
) -> None:
    assert box_columns(names, "label" if names[0] == "label" else "f") == wanted


def test_a_table_of_labels_stays_one(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", (64, 48))
    table = tmp_path / "labels.csv"
    table.write_text("file,label\na.jpg,cat\n")
    assert open_source(table).kind == "labelled files"
