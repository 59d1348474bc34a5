"""Frames are written whole or not at all, and come back."""

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.sources.open import open_source
from lamina.data.sources.write import WRITTEN_SUFFIXES, check_target, write_frame

FRAME = pl.DataFrame(
    {"n": [1, 2], "p": [0.25, None], "label": ['a "b", c', "line\nend"], "tags": [["x"], []]}
)


@pytest.mark.parametrize("suffix", WRITTEN_SUFFIXES)
def test_round_trip(suffix, tmp_path):
    path = write_frame(FRAME, tmp_path / f"a{suffix}")
    again = open_source(path).read()
    if suffix in (".csv", ".tsv"):
        assert again.rows() == [
            ("1", "0.25", 'a "b", c', '["x"]'),
            ("2", None, "line\nend", "[]"),
        ]
    else:
        assert again.equals(FRAME)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    write_frame(FRAME, str(path))
    assert path.read_text().startswith("n,p,label,tags\n")


def test_failure_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DataError, match="No space left on device"):
        write_frame(FRAME, path)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_pictures_in_a_cell_become_text_in_csv(tmp_path):
    frame = pl.DataFrame([pl.Series("image", np.zeros((1, 2, 2), np.uint8))])
    path = write_frame(frame, tmp_path / "a.csv")
    assert path.read_text().splitlines()[1] == '"[[0, 0], [0, 0]]"'


def test_bytes_cannot_be_written_as_text(tmp_path):
    with pytest.raises(DataError, match=r"Try \.parquet"):
        write_frame(pl.DataFrame({"b": [b"\xff"]}), tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "message"), [("a.xlsx", "unknown suffix"), ("no/a.csv", "there is no folder")]
)
def test_impossible_paths(name, message, tmp_path):
    with pytest.raises(DataError, match=message):
        write_frame(FRAME, tmp_path / name)


def test_a_path_is_checked_before_there_is_anything_to_write(tmp_path):
    check_target(tmp_path / "a.CSV")
    (tmp_path / "b.csv").mkdir()
    for name, message in (("a", "unknown suffix"), ("no/a.csv", "no folder"), ("b.csv", "folder")):
        with pytest.raises(DataError, match=message):
            check_target(tmp_path / name)
