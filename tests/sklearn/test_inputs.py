"""X as a frame: what the types of its columns say, and what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.sklearn.inputs import array_of, frame_of


def test_the_types_of_a_pandas_frame_say_what_its_columns_are() -> None:
    frame = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "float": [0.5, np.nan, 1.0],
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "truth": [True, False, True],
            "category": pd.Categorical(["a", "b", "a"]),
            "time": pd.date_range("2020-01-01", periods=3),
            "text": ["x", "y", None],
            "empty": [np.nan] * 3,
        }
    )
    found, said = frame_of(frame)
    assert found.columns == list(frame.columns)
    wanted = ("number", "number", "number", "boolean", "category", "datetime", "", "")
    assert said == wanted


def test_the_types_of_a_polars_frame_say_what_its_columns_are() -> None:
    frame = pl.DataFrame(
        {
            "category": pl.Series(["a", "b"], dtype=pl.Categorical),
            "enum": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
            "duration": pl.Series([1, 2], dtype=pl.Duration),
            "nan": [float("nan"), None],
        }
    )
    assert frame_of(frame)[1] == ("category", "category", "number", "")


def test_columns_of_objects_are_numbers_where_all_cells_are() -> None:
    array = np.array([[1, "a", None], [2.5, 3, "7"], [None, None, "x"]], dtype=object)
    frame, said = array_of(array)
    assert frame.columns == ["x0", "x1", "x2"]
    assert frame["x0"].to_list()[:2] == [1.0, 2.5]
    assert np.isnan(frame["x0"][2])
    assert frame["x1"].to_list() == ["a", "3", None]
    assert frame["x2"].to_list() == [None, "7", "x"]
    assert said == ("number", "", "")


@pytest.mark.parametrize("cell", [{"a": 1}, [1], b"x"])
def test_objects_that_are_neither_numbers_nor_text_are_refused(cell) -> None:
    array = np.empty((2, 1), dtype=object)
    array[0, 0], array[1, 0] = cell, "x"
    with pytest.raises(TypeError, match="must be a string or a number"):
        array_of(array)


def test_infinity_is_refused_with_its_column() -> None:
    with pytest.raises(DataError, match=r"contains infinity.*'b'"):
        frame_of(pl.DataFrame({"a": [1.0], "b": [float("inf")]}))
    with pytest.raises(DataError, match="contains infinity"):
        array_of(np.array([[np.inf, "x"]], dtype=object))
