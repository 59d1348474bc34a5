"""Folders of tagged sentences in two files."""

from pathlib import Path

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.open import open_source


def _write(folder: Path, words: str, tags: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seq.in").write_text(words)
    (folder / "seq.out").write_text(tags)
    return folder


def test_lines_belong_together(tmp_path: Path, check_source) -> None:
    source = open_source(
        _write(tmp_path, "to new york\n\nfly 🙂 home\n", "O B-city I-city\n\nO O O\n")
    )
    check_source(source)
    assert source.read().rows() == [
        (["to", "new", "york"], ["O", "B-city", "I-city"]),
        (["fly", "🙂", "home"], ["O", "O", "O"]),
    ]
    assert source.target == "tags"
    assert source.modalities == {"words": "words", "tags": "tag_sequence"}


def test_a_folder_per_part_gives_the_split(tmp_path: Path, check_source) -> None:
    for part in ("valid", "test", "train"):
        _write(tmp_path / part, f"{part} it\n", "O O\n")
    source = open_source(tmp_path)
    check_source(source)
    frame = source.read()
    assert frame["split"].to_list() == ["train", "validation", "test"]
    assert frame["words"].list.first().to_list() == ["train", "valid", "test"]


def test_lines_of_other_lengths_are_put_aside(tmp_path: Path) -> None:
    source = open_source(_write(tmp_path, "a b\nc d\n", "O\nO O\n"))
    assert source.read()["words"].to_list() == [["c", "d"]]
    assert source.problems[0].where == f"{tmp_path}, line 1"
    assert source.problems[0].what == "has 2 words and 1 tags"


def test_files_of_other_lengths_are_refused(tmp_path: Path) -> None:
    source = open_source(_write(tmp_path, "a b\nc d\n", "O O\n"))
    with pytest.raises(DataError, match=r"seq\.out ends after 1 lines"):
        source.read()
