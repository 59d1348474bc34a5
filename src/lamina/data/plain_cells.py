"""Cells of a frame as plain Python values, as whoever runs an exported model gives them."""

from pathlib import Path
from typing import Any

import polars as pl


def cells_of(column: pl.Series, *, is_file: bool) -> list[Any]:
    """Return the cells of a column as plain values.

    Args:
        column: Raw cells.
        is_file: Whether texts are paths of files.
    """
    if isinstance(column.dtype, pl.Array):
        arrays = iter(column.drop_nulls().to_numpy())
        return [None if missing else next(arrays) for missing in column.is_null()]
    if column.dtype == pl.Float32:
        # Numbers of 32 bits have other texts than the same numbers in 64.
        return [None if n is None else v for n, v in zip(column.to_list(), column.to_numpy())]
    if column.dtype == pl.List and column.dtype != pl.List(pl.String):
        return [cell if cell is None else list(cell) for cell in column.to_list()]
    cells = column.to_list()
    return list(map(_bytes_of, cells)) if is_file and column.dtype == pl.String else cells


def _bytes_of(path: str | None) -> bytes | str | None:
    """Return the content of a file; what cannot be read stays a path, which is nothing to read."""
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError:
        return path
