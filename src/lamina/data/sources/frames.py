"""Frames in memory: polars, pandas, anything that speaks Arrow, and lists of records.

Frames of other libraries are read through narwhals, column by column, so that pyarrow is not
needed. The index of a pandas frame is left out: it is no column.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, final

import numpy as np
import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource
from lamina.data.sources.cells import normalise

ROWS_PER_PIECE = 1 << 16
"""Rows brought to known types at a time."""


@final
class FrameSource(AbstractSource):
    """Rows of a frame in memory."""

    def __init__(self, frame: Any) -> None:
        kind = type(frame)
        super().__init__("frame", f"{kind.__module__.split('.')[0]}.{kind.__name__}")
        self._frame = to_polars(frame)
        self._num_rows = self._frame.height

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for start in range(0, self._frame.height, ROWS_PER_PIECE):
            yield normalise(self._frame.slice(start, ROWS_PER_PIECE))

    def _num_bytes(self) -> int:
        return int(self._frame.estimated_size())


def is_frame(what: Any) -> bool:
    """Return whether an object is a frame of any known library.

    Args:
        what: The object.
    """
    if isinstance(what, (pl.DataFrame, pl.LazyFrame)) or hasattr(what, "__arrow_c_stream__"):
        return not isinstance(what, pl.Series)
    import narwhals

    native = narwhals.from_native(what, pass_through=True)
    return isinstance(native, (narwhals.DataFrame, narwhals.LazyFrame))


def to_polars(frame: Any) -> pl.DataFrame:
    """Return any frame as a polars frame, cells as they are.

    Args:
        frame: A frame of polars, pandas or another library.

    Raises:
        DataError: The frame has two columns of one name, or cells that no column can hold.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    names = [str(name) for name in getattr(frame, "columns", [])]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"the frame has two columns called {twice!r}. Rename one.")
    import narwhals

    native = narwhals.from_native(_with_text_names(frame), pass_through=True)
    if isinstance(native, narwhals.LazyFrame):
        native = native.collect()
    if not isinstance(native, narwhals.DataFrame):
        return pl.DataFrame(frame)  # an object that speaks Arrow, and no known frame
    if native.implementation.is_pandas_like():
        return pl.DataFrame([_column(series) for series in native.iter_columns()])
    return native.to_polars()


def records_to_polars(records: Sequence[Any]) -> pl.DataFrame:
    """Return a list of mappings, one per row, as a frame.

    Args:
        records: Mappings of column name to cell; a name left out is a null.

    Raises:
        DataError: The cells of a column do not go together.
    """
    from lamina.data.sources.records import ColumnKinds

    kinds = ColumnKinds()
    kinds.see(records)
    return kinds.build(records)


def lists_to_polars(columns: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    """Return a mapping of column name to list of cells as a frame.

    Args:
        columns: The cells by column.

    Raises:
        DataError: The lists differ in length.
    """
    lengths = {str(name): len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"columns must have the same number of cells, got {lengths}.")
    return records_to_polars([dict(zip(columns, row)) for row in zip(*columns.values())])


def _with_text_names(frame: Any) -> Any:
    """Return a pandas frame whose column names are strings, as narwhals wants them."""
    names = list(getattr(frame, "columns", []))
    if all(isinstance(name, str) for name in names) or not hasattr(frame, "set_axis"):
        return frame
    return frame.set_axis([str(name) for name in names], axis=1)


def _column(series: Any) -> pl.Series:
    """Return one column of a pandas frame."""
    import narwhals

    kind = series.dtype
    if kind.is_numeric() and not kind.is_decimal() and not series.is_null().any():
        return pl.Series(series.name, np.ascontiguousarray(series.to_numpy()))
    cells = series.to_list()
    if kind.is_float():
        cells = [None if cell is None or cell != cell else cell for cell in cells]
        return pl.Series(series.name, cells, dtype=pl.Float64)
    if isinstance(kind, (narwhals.String, narwhals.Categorical, narwhals.Enum, narwhals.Object)):
        return _objects(series.name, cells)
    nulls = series.is_null().to_list()
    cells = [None if is_null else cell for cell, is_null in zip(cells, nulls)]
    try:
        return pl.Series(series.name, cells)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise _unfit(series.name, error) from error


def _objects(name: str, cells: list[Any]) -> pl.Series:
    """Return a column of Python objects: texts, arrays, or whatever shares one type."""
    cells = [None if _is_null(cell) else cell for cell in cells]
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {str, np.str_}:
        return pl.Series(name, cells, dtype=pl.String)
    try:
        return pl.Series(name, cells, strict=True)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        if kinds & {bytes, list, dict}:
            raise _unfit(name, "cells of several types") from None
        return pl.Series(name, [None if c is None else str(c) for c in cells], dtype=pl.String)


def _is_null(cell: Any) -> bool:
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float) and cell != cell


def _unfit(name: str, reason: Any) -> DataError:
    return DataError(f"column {name!r} cannot be read ({reason}). Give it one type of cell.")
