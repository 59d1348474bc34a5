"""Columns from records whose types differ from row to row."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from lamina.data.sources.records import ColumnKinds, to_columns


def build(*cells):
    records = [{"a": cell} for cell in cells]
    kinds = ColumnKinds()
    kinds.see(records)
    return kinds.build(records)["a"]


@pytest.mark.parametrize(
    ("cells", "expected", "dtype"),
    [
        ([1, None, 3], [1, None, 3], pl.Int64),
        ([1, 2.5], [1.0, 2.5], pl.Float64),
        ([True, None], [True, None], pl.Boolean),
        ([True, 1], ["true", "1"], pl.String),
        ([1, "x"], ["1", "x"], pl.String),
        ([1.5, "x"], ["1.5", "x"], pl.String),
        ([1 << 70, 1], [float(1 << 70), 1.0], pl.Float64),
        ([["x"], [], None], [["x"], [], None], pl.List(pl.String)),
        ([["x"], "y"], ['["x"]', "y"], pl.String),
        ([[1, 2], [3], []], [[1.0, 2.0], [3.0], []], pl.List(pl.Float64)),
        (
            [[[1, None]], None, [[2.5]]],
            [[[1.0, None]], None, [[2.5]]],
            pl.List(pl.List(pl.Float64)),
        ),
        ([[1, "x"]], ['[1, "x"]'], pl.String),
        ([[{"q": 1}]], ['[{"q": 1}]'], pl.String),
        ([b"x", None], [b"x", None], pl.Binary),
        ([date(2020, 1, 2)], [date(2020, 1, 2)], pl.Date),
        ([datetime(2020, 1, 2, 3)], [datetime(2020, 1, 2, 3)], pl.Datetime("us")),
        ([date(2020, 1, 2), "x"], ["2020-01-02", "x"], pl.String),
        ([Decimal("1.5"), 2], [1.5, 2.0], pl.Float64),
        ([None, None], [None, None], pl.String),
        (["é", ""], ["é", ""], pl.String),
    ],
)
def test_types(cells, expected, dtype):
    column = build(*cells)
    assert column.dtype == dtype
    assert column.to_list() == expected


def test_nested_mappings_become_dotted_columns():
    columns = to_columns([{"a": {"b": 1, "c": {"d": "x"}}}, {"a": None, "e": 2}, {"a": 5}])
    assert columns == {
        "a": [None, None, 5],
        "a.b": [1, None, None],
        "a.c.d": ["x", None, None],
        "e": [None, 2, None],
    }


def test_pictures_of_the_hugging_face_form():
    assert build({"bytes": b"png", "path": None}, None).to_list() == [b"png", None]


def test_a_piece_gets_the_columns_of_all_that_was_seen():
    kinds = ColumnKinds(["z"])
    kinds.see([{"a": 1}])
    kinds.see([{"a": 2.5, "b": "x"}])
    frame = kinds.build([{"a": 1}])
    assert frame.schema == {"z": pl.String, "a": pl.Float64, "b": pl.String}
    assert frame.rows() == [(None, 1.0, None)]


def test_lists_of_text_may_hold_nulls() -> None:
    kinds = ColumnKinds()
    records = [{"x": ["a", None]}, {"x": ["b"]}, {"x": None}, {"x": []}]
    kinds.see(records)
    assert kinds.build(records)["x"].to_list() == [["a", None], ["b"], None, []]
