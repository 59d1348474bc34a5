"""Rows of a frame as plain mappings."""

import datetime

import numpy as np
import polars as pl

from lamina.export.rows import cells_of, rows_of
from tests.tasks.examples import encoded


def test_cells_are_plain_values(tmp_path) -> None:
    pixels = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    column = pl.Series("x", pixels)
    assert [cell.tolist() for cell in cells_of(column, is_file=True)] == pixels.tolist()
    small = cells_of(pl.Series("x", [0.1, None], dtype=pl.Float32), is_file=False)
    assert type(small[0]) is np.float32
    assert small[1] is None
    moment = datetime.datetime(2020, 1, 2)
    assert cells_of(pl.Series("x", [moment]), is_file=False) == [moment]
    (tmp_path / "a.png").write_bytes(b"data")
    paths = pl.Series("x", [str(tmp_path / "a.png"), "none.png", None])
    assert cells_of(paths, is_file=True) == [b"data", "none.png", None]
    assert cells_of(paths, is_file=False)[1] == "none.png"


def test_missing_pictures_keep_their_places() -> None:
    column = pl.Series("x", [[[1, 2]], None, [[3, 4]]], dtype=pl.Array(pl.UInt8, (1, 2)))
    found = cells_of(column, is_file=True)
    assert found[1] is None
    assert found[2].tolist() == [[3, 4]]


def test_rows_have_the_input_columns_only() -> None:
    from tests.runs.tiny import table

    schema = encoded("binary")[1]
    frame = table()
    rows = rows_of(frame, schema)
    assert list(rows[0]) == [column.name for column in schema.inputs]
    assert rows[5]["z"] == frame["z"][5]
