"""Running text."""

from pathlib import Path

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.open import open_source
from lamina.data.sources.prose import PASSAGE, ProseSource, is_prose

LINES = "".join(f"line {n} of a long story{', told' * (n % 3)} slowly\n" for n in range(400))


def test_passages_lose_nothing_and_end_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text(LINES)
    frame = ProseSource([path]).read()
    assert "".join(frame["text"]) == LINES
    assert frame["text"].str.len_chars().max() <= PASSAGE
    assert all(text.endswith("\n") for text in frame["text"])


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_text("🙂é" * 500_000)
    frame = ProseSource([path]).read()
    assert "".join(frame["text"]) == "🙂é" * 500_000
    assert frame.height == 2_000


def test_several_files_are_named(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(f"{name}\n")
    (tmp_path / "c.txt").write_bytes(b"\0\1")
    source = ProseSource(sorted(tmp_path.glob("*.txt")))
    assert source.read().rows() == [("a.txt\n", "a.txt"), ("b.txt\n", "b.txt")]
    assert "c.txt" in source.problems[0].where


def test_it_is_opened_where_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text(LINES)
    assert open_source(path).read().height == 400
    assert open_source(path, options=SourceOptions(prose=True)).read().height < 60


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.txt", LINES, True),
        ("a.md", "# Title\n\nSome words; and more, here.\n", True),
        ("a.txt", "x,y\n1,2\n3,4\n5,6\n", False),
        ("a.csv", LINES, False),
        ("a.txt", "", False),
        ("a.txt", "a\0b", False),
    ],
)
def test_prose_is_told_from_tables(tmp_path: Path, name, content, wanted) -> None:
    (tmp_path / name).write_text(content)
    assert is_prose(tmp_path / name) is wanted


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(DataError):
        ProseSource([tmp_path / "a.txt"]).read()
