"""Tables that name picture files."""

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.labels import find_label_table, open_label_table

AUTO = SourceOptions()


@pytest.fixture
def folder(tmp_path, write):
    for name in ("a/1.jpg", "a/2.jpg", "b/3.jpg"):
        write(name, "x")
    write("labels.csv", "file,kind,split\na/1.jpg,cat,train\na/2.jpg,dog,train\nb/3.jpg,cat,test\n")
    return tmp_path


def test_table_in_the_folder(folder, check_source):
    source = find_label_table(folder, AUTO)
    check_source(source)
    assert source.read().rows() == [
        (str(folder / "a/1.jpg"), "cat", "train"),
        (str(folder / "a/2.jpg"), "dog", "train"),
        (str(folder / "b/3.jpg"), "cat", "test"),
    ]
    assert source.read().columns == ["image", "kind", "split"]
    assert "column 'file' of labels.csv names pictures" in source.notes[0]


def test_table_given_itself(folder):
    assert open_label_table(folder / "labels.csv", AUTO).read().height == 3


def test_rows_whose_file_is_missing_keep_their_place(folder, check_source):
    (folder / "a/2.jpg").unlink()
    source = find_label_table(folder, AUTO)
    check_source(source)
    frame = source.read()
    assert frame["kind"].to_list() == ["cat", "dog", "cat"]
    assert frame["image"][1] == str(folder / "a/2.jpg")
    assert not source.problems


def test_names_without_suffix_in_a_folder_below(tmp_path, write):
    for number in range(3):
        write(f"train/{number}.png", "x")
    write("train.csv", "y,id\ncat,0\ndog,1\ncat,2\n")
    frame = find_label_table(tmp_path, AUTO).read()
    assert frame.columns == ["image", "y"]
    assert frame["image"][1] == str(tmp_path / "train/1.png")


def test_masks_beside_pictures_are_files_too(tmp_path, write, check_source):
    for number in range(3):
        write(f"data/p/{number}.png", "x")
        write(f"data/m/{number}.png", "x")
    lines = [f"p/{n}.png,m/{n}.png,note {n}" for n in range(4)]
    write("data/pairs.csv", "\n".join(["picture,mask,note", *lines, ",,"]))
    source = open_label_table(tmp_path / "data/pairs.csv", AUTO)
    check_source(source)
    frame = source.read()
    assert frame.columns == ["image", "mask", "note"]
    # The fourth has no files; its names are read as those of the others are.
    assert frame["mask"].to_list() == [*(str(tmp_path / f"data/m/{n}.png") for n in range(4)), None]
    assert frame["note"][0] == "note 0"
    before = source.fingerprint()
    write("data/m/1.png", "y")
    assert open_label_table(tmp_path / "data/pairs.csv", AUTO).fingerprint() != before


def test_tables_that_name_no_pictures_are_passed_over(tmp_path, write):
    write("a/1.jpg", "x")
    write("prices.csv", "x,y\n1,2\n3,4\n")
    write("empty.csv", "")
    assert find_label_table(tmp_path, AUTO) is None
    assert open_label_table(tmp_path / "prices.csv", AUTO) is None


def test_two_tables_are_a_question_for_the_user(folder, write):
    write("other.csv", "file,kind\na/1.jpg,cat\n")
    with pytest.raises(
        DataError, match=r"2 tables that name its pictures: labels\.csv, other\.csv"
    ):
        find_label_table(folder, AUTO)


def test_given_column_of_files(folder):
    source = find_label_table(folder, SourceOptions(file_column="file"))
    assert source.read().height == 3
    with pytest.raises(DataError, match=r"unknown column 'fil'.*Did you mean 'file'"):
        find_label_table(folder, SourceOptions(file_column="fil"))
    with pytest.raises(DataError, match=r"no table in .* has a column 'kind' that names pictures"):
        find_label_table(folder, SourceOptions(file_column="kind"))
