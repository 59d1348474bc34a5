"""Anything that holds rows can be opened; anything else says why not."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.open import open_source

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})


@pytest.fixture
def folder(tmp_path, write):
    FRAME.write_csv(tmp_path / "a.csv")
    FRAME.write_csv(tmp_path / "b.csv")
    FRAME.write_parquet(tmp_path / "a.parquet")
    FRAME.write_ipc(tmp_path / "a.feather")
    FRAME.write_ndjson(tmp_path / "a.jsonl")
    write("a.json", json.dumps(FRAME.to_dicts()))
    np.savez(tmp_path / "a.npz", a=np.array([1, 2]), b=np.array(["x", "y"]))
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        db.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?)", FRAME.rows())
        db.commit()
    write("photos/cat/1.jpg", "x")
    write("photos/dog/2.jpg", "x")
    write("labelled/1.jpg", "x")
    write("labelled/labels.csv", "file,label\n1.jpg,cat\n")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["a.csv", "a.parquet", "a.feather", "a.jsonl", "a.json", "a.npz", "sqlite:///a.db"]
)
def test_files(name, folder, monkeypatch, check_source):
    monkeypatch.chdir(folder)
    source = open_source(name)
    check_source(source)
    assert source.read().with_columns(pl.col("a").cast(pl.Int64)).equals(FRAME)


def test_path_objects(folder):
    assert open_source(folder / "a.csv").kind == "csv"


@pytest.mark.parametrize(
    ("what", "kind", "columns"),
    [
        ("photos", "folder", ["image", "label"]),
        ("labelled", "labelled files", ["image", "label"]),
        ("labelled/labels.csv", "labelled files", ["image", "label"]),
        ("photos/cat/1.jpg", "pictures", ["image"]),
        ("photos/*/*.jpg", "pictures", ["image"]),
        (["photos/cat/1.jpg", Path("photos/dog/2.jpg")], "pictures", ["image"]),
        ("*.csv", "csv", ["a", "b"]),
        (["b.csv", "a.csv"], "csv", ["a", "b"]),
        ("digits", "builtin", ["image", "label"]),
    ],
)
def test_kinds(what, kind, columns, folder, monkeypatch):
    monkeypatch.chdir(folder)
    source = open_source(what)
    assert source.kind == kind
    assert source.read(3).columns == columns


def test_several_files_are_read_in_order(folder, write, monkeypatch):
    monkeypatch.chdir(folder)
    write("b.csv", "a,b\n9,z\n")
    assert open_source(["b.csv", "a.csv"]).read()["a"].to_list() == ["9", "1", "2"]
    assert open_source("[ab].csv").read()["a"].to_list() == ["1", "2", "9"]


@pytest.mark.parametrize(
    "what",
    [
        FRAME,
        FRAME.lazy(),
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        {"a": np.array([1, 2]), "b": np.array(["x", "y"])},
        {"a": [1, 2], "b": ["x", "y"]},
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
    ],
    ids=["polars", "lazy", "pandas", "arrays", "lists", "records"],
)
def test_objects_in_memory(what, check_source):
    source = open_source(what)
    check_source(source)
    assert source.read().equals(FRAME)


def test_pairs_and_single_arrays():
    x = np.arange(6.0).reshape(3, 2)
    assert open_source((x, [0, 1, 0])).read().columns == ["x_0", "x_1", "y"]
    assert open_source(x).read().columns == ["x_0", "x_1"]


def test_an_open_source_is_returned():
    source = open_source(FRAME)
    assert open_source(source) is source


def test_a_path_goes_before_a_builtin_name(tmp_path, write, monkeypatch):
    write("wine/red/1.jpg", "x")
    monkeypatch.chdir(tmp_path)
    assert open_source("wine").kind == "folder"


def test_idx_folder_and_file(tmp_path, write):
    write("d/train-images-idx3-ubyte", bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7]))
    write("d/train-labels-idx1-ubyte", bytes([0, 0, 8, 1, 0, 0, 0, 1, 5]))
    assert open_source(tmp_path / "d").read().columns == ["image", "label", "split"]
    assert open_source(tmp_path / "d/train-images-idx3-ubyte").read()["label"].to_list() == [5]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("", "got an empty path"),
        ("a.cvs", r"no file 'a\.cvs'\. Did you mean 'a\.csv'"),
        ("digts", "Did you mean 'digits'"),
        ("*.xml", "no file matches"),
        ("https://example.org/a.csv", "Download the file first"),
        ("book.xlsx", "saved as CSV"),
        ("empty", "is empty"),
        (None, "cannot read rows from NoneType None"),
        (3, "cannot read rows from int 3"),
        ([], "cannot read rows from list"),
        ([1, 2], "cannot read rows from list"),
        ({}, "holds no arrays"),
        (object, "cannot read rows from type"),
    ],
)
def test_what_cannot_be_opened(what, message, folder, write, monkeypatch):
    monkeypatch.chdir(folder)
    write("book.xlsx", "x")
    (folder / "empty").mkdir()
    with pytest.raises(DataError, match=message):
        open_source(what)


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("a.parquet", {"delimiter": ";"}),
        ("a.jsonl", {"has_header": True}),
        ("photos", {"delimiter": ";"}),
        ("digits", {"encoding": "utf-8"}),
        ("sqlite:///a.db", {"encoding": "utf-8"}),
        (FRAME, {"query": "SELECT 1"}),
        ("photos/cat/1.jpg", {"query": "SELECT 1"}),
    ],
)
def test_settings_without_effect_are_refused(what, options, folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(ConfigError, match=f"{next(iter(options))} has no effect on"):
        open_source(what, options=SourceOptions(**options))


def test_settings_with_effect_are_used(folder, monkeypatch):
    monkeypatch.chdir(folder)
    options = SourceOptions(has_header=False)
    assert open_source("a.csv", options=options).read().height == 3
    query = SourceOptions(query="SELECT b FROM t")
    assert open_source("sqlite:///a.db", options=query).read().columns == ["b"]
