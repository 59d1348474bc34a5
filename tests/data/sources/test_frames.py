"""Frames of every library."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.sources import frames
from lamina.data.sources.frames import (
    FrameSource,
    is_frame,
    lists_to_polars,
    records_to_polars,
    to_polars,
)

FRAME = pl.DataFrame({"a": [1, None, 3], "b": ["x", "y", None], "c": [True, False, True]})


class SpeaksArrow:
    """An object of an unknown library with the Arrow protocol."""

    def __arrow_c_stream__(self, requested_schema=None):
        return FRAME.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "frame", [FRAME, FRAME.lazy(), SpeaksArrow()], ids=["polars", "lazy", "arrow"]
)
def test_contract(frame, check_source, monkeypatch):
    monkeypatch.setattr(frames, "ROWS_PER_PIECE", 2)
    assert is_frame(frame)
    source = FrameSource(frame)
    check_source(source)
    assert source.read().equals(FRAME)


def test_pandas(check_source):
    frame = pd.DataFrame(
        {
            "int": [1, 2, 3],
            "float": [0.5, np.nan, 2.0],
            "text": ["x", None, "z"],
            "bool": [True, False, True],
            "category": pd.Categorical(["u", "v", None]),
            "numbered": pd.Categorical([1, 2, 1]),
            "time": pd.to_datetime(["2020-01-02", None, "2020-01-04"]),
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "mixed": [1, "x", None],
            "tags": [["p"], [], None],
            "objects": np.array([True, None, False], dtype=object),
            5: [1, 2, 3],
        },
        index=[7, 8, 9],
    )
    assert is_frame(frame)
    source = FrameSource(frame)
    check_source(source)
    result = source.read()
    assert source.location == "pandas.DataFrame"
    assert result.schema == {
        "int": pl.Int64,
        "float": pl.Float64,
        "text": pl.String,
        "bool": pl.Boolean,
        "category": pl.String,
        "numbered": pl.Int64,
        "time": result["time"].dtype,
        "nullable": pl.Int64,
        "mixed": pl.String,
        "tags": pl.List(pl.String),
        "objects": pl.Boolean,
        "5": pl.Int64,
    }
    assert result["time"].dtype.is_temporal()
    assert result["float"].to_list() == [0.5, None, 2.0]
    assert result["nullable"].to_list() == [1, None, 3]
    assert result["mixed"].to_list() == ["1", "x", None]
    assert result["tags"].to_list() == [["p"], [], None]
    assert result["text"].to_list() == ["x", None, "z"]
    assert result["category"].to_list() == ["u", "v", None]
    assert result["time"].is_null().to_list() == [False, True, False]


def test_pandas_with_repeated_names():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DataError, match="two columns called 'a'"):
        FrameSource(frame)


@pytest.mark.parametrize("what", [None, 3, "a", [1], {"a": 1}, pl.Series([1]), np.ones(3)])
def test_other_objects_are_no_frames(what):
    assert not is_frame(what)


def test_records():
    frame = records_to_polars([{"a": 1}, {"a": 2.5, "b": {"c": "x"}}])
    assert frame.rows(named=True) == [{"a": 1.0, "b.c": None}, {"a": 2.5, "b.c": "x"}]


def test_lists():
    frame = lists_to_polars({"a": [1, None], "b": ["x", "y"]})
    assert frame.rows() == [(1, "x"), (None, "y")]
    with pytest.raises(DataError, match="same number of cells"):
        lists_to_polars({"a": [1], "b": []})


def test_a_polars_frame_is_not_copied():
    assert to_polars(FRAME) is FRAME


def test_empty_frame():
    with pytest.raises(DataError, match="holds no rows"):
        FrameSource(FRAME.clear()).read()
