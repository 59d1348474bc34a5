"""Every polars type is brought to one that modalities know."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.sources.cells import BOX, normalise


def plain(name, cells, dtype=None):
    return normalise(pl.DataFrame([pl.Series(name, cells, dtype=dtype)]))


@pytest.mark.parametrize(
    ("cells", "dtype", "expected", "wanted"),
    [
        ([1, None], pl.Int8, [1, None], pl.Int8),
        ([0.5, None], pl.Float32, [0.5, None], pl.Float32),
        ([True, None], pl.Boolean, [True, None], pl.Boolean),
        (["a", None], pl.Categorical, ["a", None], pl.String),
        (["a", None], pl.Enum(["a"]), ["a", None], pl.String),
        ([Decimal("1.5")], pl.Decimal(10, 2), [1.5], pl.Float64),
        ([1 << 100], pl.Int128, [float(1 << 100)], pl.Float64),
        ([None, None], pl.Null, [None, None], pl.String),
        ([date(2020, 1, 2)], pl.Date, [date(2020, 1, 2)], pl.Date),
        ([time(1, 2, 3)], pl.Time, ["01:02:03"], pl.String),
        ([timedelta(seconds=90, milliseconds=500)], pl.Duration, [90.5], pl.Float64),
        ([["a"], [], None], pl.List(pl.String), [["a"], [], None], pl.List(pl.String)),
        ([[1, 2], None], pl.List(pl.Int64), [[1.0, 2.0], None], pl.List(pl.Float64)),
        ([["a", "b"]], pl.Array(pl.String, 2), [["a", "b"]], pl.List(pl.String)),
        ([[[1.5]]], pl.Array(pl.Float64, (1, 1)), [[[1.5]]], pl.List(pl.List(pl.Float64))),
        ([b"x"], pl.Binary, [b"x"], pl.Binary),
    ],
)
def test_types(cells, dtype, expected, wanted):
    column = plain("a", cells, dtype)["a"]
    assert column.dtype == wanted
    assert column.to_list() == expected


def test_time_zones_become_utc():
    cells = pl.Series("a", [datetime(2020, 6, 1, 12)]).dt.replace_time_zone("Europe/Rome")
    assert normalise(pl.DataFrame([cells]))["a"].to_list() == [datetime(2020, 6, 1, 10)]


def test_objects_become_text():
    assert plain("a", [{1}, None], pl.Object)["a"].to_list() == ["{1}", None]


def test_pictures_of_the_hugging_face_form():
    cells = [{"bytes": b"png", "path": "a.png"}, {"bytes": None, "path": None}]
    column = plain("image", cells, pl.Struct({"bytes": pl.Binary, "path": pl.String}))["image"]
    assert column.to_list() == [b"png", None]


def test_structs_become_dotted_columns():
    frame = plain("a", [{"x": 1, "y": {"z": "q"}}, None])
    assert frame.rows(named=True) == [{"a.x": 1, "a.y.z": "q"}, {"a.x": None, "a.y.z": None}]


def test_decoded_pictures_stay():
    pictures = pl.Series("p", np.zeros((2, 3, 4, 3), np.uint8))
    assert normalise(pl.DataFrame([pictures]))["p"].dtype == pl.Array(pl.UInt8, (3, 4, 3))


def test_vectors_become_numbered_columns():
    frame = plain("v", [[1.0, 2.0], None], pl.Array(pl.Float32, 2))
    assert frame.rows(named=True) == [{"v_0": 1.0, "v_1": 2.0}, {"v_0": None, "v_1": None}]


def test_names_that_clash_are_refused():
    frame = pl.DataFrame({"a": [{"b": 1}], "a.b": [2]})
    with pytest.raises(DataError, match=r"two columns are called 'a\.b'"):
        normalise(frame)


def test_lists_of_boxes_stay_lists_of_boxes() -> None:
    box = {"label": "cat", "x0": 1, "y0": 2, "x1": 3, "y1": 4, "width": 10, "height": 20}
    frame = normalise(pl.DataFrame({"boxes": [[{**box, "id": 7}], [], None]}))
    assert frame["boxes"].dtype == pl.List(BOX)
    assert frame["boxes"].to_list() == [[box], [], None]
    other = normalise(pl.DataFrame({"y": [[{"label": "cat"}]]}))
    assert other["y"].dtype == pl.String
