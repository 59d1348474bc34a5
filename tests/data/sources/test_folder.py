"""Folders of pictures and texts."""

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.folder import FolderSource, PictureSource, list_files


@pytest.fixture
def make(tmp_path, write):
    def make_files(*names, content="x"):
        for name in names:
            write(name, content)
        return tmp_path

    return make_files


def test_one_folder_per_class(make, check_source):
    root = make("dog/2.jpg", "cat/deep/er/1.PNG", "cat/10.jpg", "dog/notes.md", "stray.jpg")
    source = FolderSource(root)
    check_source(source)
    assert source.read().rows() == [
        (str(root / "cat/10.jpg"), "cat"),
        (str(root / "cat/deep/er/1.PNG"), "cat"),
        (str(root / "dog/2.jpg"), "dog"),
    ]
    assert {problem.where: problem.what for problem in source.problems} == {
        str(root / "stray.jpg"): "lies beside the class folders and so has no class",
        str(root / "dog/notes.md"): "is no picture file and was left out",
    }
    assert source.notes == ["3 pictures in 2 class folders"]


def test_split_folders(make, check_source):
    root = make("train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png")
    source = FolderSource(root)
    check_source(source)
    frame = source.read()
    assert frame.columns == ["image", "label", "split"]
    assert frame.select("label", "split").rows() == [
        ("b", "test"),
        ("a", "train"),
        ("b", "train"),
        ("a", "validation"),
    ]


def test_names_of_files_say_whose_they_are(make, check_source):
    names = [f"{mood}/S{n:02}_{mood}.png" for n in range(6) for mood in ("happy", "sad")]
    source = FolderSource(make(*names))
    check_source(source)
    frame = source.read()
    assert frame.columns == ["image", "label", "subject"]
    assert source.group == "subject"
    assert frame["subject"].n_unique() == 6
    assert "6 subjects" in source.notes[0]


def test_folders_that_give_the_split_have_said_it_all(make):
    names = [f"{p}/{m}/S{n:02}_{m}.png" for p in ("train", "test") for n in range(6) for m in "ab"]
    source = FolderSource(make(*names))
    assert source.group is None
    assert source.read().columns == ["image", "label", "split"]


def test_split_folders_without_classes(make):
    frame = FolderSource(make("train/1.png", "test/2.png")).read()
    assert frame.columns == ["image", "split"]


def test_a_class_may_be_called_like_a_split(make):
    frame = FolderSource(make("test/1.png", "cat/2.png")).read()
    assert frame["label"].to_list() == ["cat", "test"]


def test_pictures_without_classes(make):
    root = make("2.jpg", "1.jpg")
    frame = FolderSource(root).read()
    assert frame.columns == ["image"]
    assert frame["image"].to_list() == [str(root / "1.jpg"), str(root / "2.jpg")]


def test_a_folder_around_the_class_folders_is_looked_through(make):
    frame = FolderSource(make("images/cat/1.jpg", "images/dog/2.jpg", "README.md")).read()
    assert frame["label"].to_list() == ["cat", "dog"]


def test_texts(make, write, check_source):
    root = make("train/pos/1.txt", "train/neg/2.txt", "test/pos/3.txt", content="good\nfilm\n")
    write("train/neg/4.txt", "déjà vu".encode("cp1252"))
    write("train/neg/5.txt", b"\0\1\2\0")
    source = FolderSource(root)
    check_source(source)
    frame = source.read()
    assert frame.columns == ["text", "label", "split"]
    assert frame["text"].to_list() == ["good\nfilm\n", "good\nfilm\n", "déjà vu", "good\nfilm\n"]
    assert any("cannot be read as text" in problem.what for problem in source.problems)


def test_hidden_files_are_left_out(make):
    root = make(".git/1.jpg", "a/1.jpg", "a/._1.jpg", "__MACOSX/a/1.jpg", "b/1.jpg")
    assert [path.relative_to(root).as_posix() for path in list_files(root)] == [
        "a/1.jpg",
        "b/1.jpg",
    ]


def test_folder_without_pictures(make):
    root = make("a.csv", "b.csv")
    with pytest.raises(
        DataError, match=r"holds no pictures, no recordings and no \.txt files, got a\.csv, b\.csv"
    ):
        FolderSource(root)


def test_empty_folder(tmp_path):
    with pytest.raises(DataError, match="is empty"):
        FolderSource(tmp_path)


def test_fingerprint_follows_content_and_place(tmp_path, write):
    for root in ("one", "two", "three"):
        write(f"{root}/a/1.jpg", "x")
        write(f"{root}/b/2.jpg", "changed" if root == "three" else "y")
    one, two, three = (FolderSource(tmp_path / r).fingerprint() for r in ("one", "two", "three"))
    assert one == two != three


def test_single_pictures(make, check_source):
    root = make("1.jpg", "2.jpg")
    source = PictureSource([root / "2.jpg", root / "1.jpg"])
    check_source(source)
    assert source.read()["image"].to_list() == [str(root / "2.jpg"), str(root / "1.jpg")]
    with pytest.raises(DataError, match="there is no file"):
        PictureSource([root / "3.jpg"])
