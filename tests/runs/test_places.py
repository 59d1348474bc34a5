"""Places that can be read again from any folder, and how large they are."""

import gzip
import sqlite3
from contextlib import closing

import polars as pl
import pytest

from lamina.core.errors import ConfigError
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.open import open_source
from lamina.runs.places import COMPRESSION, place_bytes, readable_again
from tests.runs.tiny import table


def again(what, folder):
    return readable_again(what, options=SourceOptions(), folder=folder, stem="source")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def database(path):
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE t (a INTEGER)")
        base.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])


def test_what_lives_in_memory_is_written(tmp_path):
    frame = table(5)
    assert pl.read_parquet(again(frame, tmp_path)).equals(frame)
    assert again("digits", tmp_path) == "digits"
    with pytest.raises(ConfigError, match="named by a pattern"):
        again(["a.csv"], tmp_path)


@pytest.mark.parametrize(
    "text",
    ["a b.csv", "~/a b.csv", "a*.csv", "~/a*.csv", "sqlite:///my 1.db?query=SELECT a FROM t"],
)
def test_a_place_is_read_from_another_folder(here, monkeypatch, text):
    pl.DataFrame({"a": [1, 2]}).write_csv(here / "a b.csv")
    database(here / "my 1.db")
    place = again(text, here / "data")
    wanted = open_source(text).read()
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    monkeypatch.setenv("HOME", "/nowhere")
    assert open_source(place).read().equals(wanted)
    assert again(place, here / "data") == place


def test_large_sources_are_known_wherever_they_lie(here):
    (here / "a.csv").write_bytes(b"x" * 100)
    (here / "b.csv").write_bytes(b"x" * 50)
    with gzip.open(here / "c.csv.gz", "wb") as file:
        file.write(b"x" * 9000)
    packed = (here / "c.csv.gz").stat().st_size
    database(here / "rows.db")
    assert place_bytes("a.csv") == place_bytes("~/a.csv") == 100
    assert place_bytes("*.csv") == 150
    assert place_bytes("c.csv.gz") == COMPRESSION * packed
    assert place_bytes("sqlite:///rows.db?table=t") == (here / "rows.db").stat().st_size
    assert place_bytes("digits") == 0
    (here / "folder").mkdir()
    (here / "folder" / "d.csv").write_bytes(b"x" * 7)
    assert place_bytes("folder") == 7


def test_files_line_by_line_are_read_again_from_any_folder(here, monkeypatch):
    for name in ("en", "de"):
        (here / f"train.{name}").write_text(f"{name} one\n{name} two\n")
    place = again("train.{en,de}", here)
    (here / "else").mkdir()
    monkeypatch.chdir(here / "else")
    assert open_source(place).read().rows() == [("en one", "de one"), ("en two", "de two")]
    assert place_bytes(place) == 2 * len("en one\nen two\n")
