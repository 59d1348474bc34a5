"""Cells of any polars type brought to the few types that modalities know.

Those are: boolean, integer, float, date, date-time, string, list of strings, list of floats or of
lists of them (a series), list of boxes, `Binary` (an encoded picture) and `Array(UInt8)` of two or
three dimensions (a decoded picture). The Hugging Face picture struct `{bytes, path}` becomes
`Binary`; other structs become dotted columns; short vectors of fixed length become numbered
columns. What is done depends on the type alone, never on the values, so that
every piece of a stream gets the same columns.
"""

from collections.abc import Iterator

import polars as pl

from lamina.core.errors import DataError

BOX = pl.Struct(
    {
        "label": pl.String,
        **dict.fromkeys(("x0", "y0", "x1", "y1"), pl.Float64),
        **dict.fromkeys(("width", "height"), pl.Int64),
    }
)
"""A box in a picture (see `boxes.py`)."""

WIDEST_VECTOR = 10_000
"""Most columns that a vector of fixed length is spread over."""


def normalise(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with every cell of a known type.

    Args:
        frame: A frame of any types.

    Raises:
        DataError: Two columns end up with the same name.
    """
    columns = [part for column in frame.iter_columns() for part in _plain(column)]
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1}) if _repeats(names) else []
    if twice:
        raise DataError(
            f"two columns are called {twice[0]!r} once nested columns are spread out. Rename one."
        )
    return pl.DataFrame(columns)


def _repeats(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _plain(column: pl.Series) -> Iterator[pl.Series]:
    kind = column.dtype
    if isinstance(kind, pl.Struct):
        yield from _struct(column, kind)
    elif isinstance(kind, pl.Array):
        yield from _array(column, kind)
    elif isinstance(kind, pl.List):
        yield _list(column, kind)
    else:
        yield _scalar(column, kind)


def _list(column: pl.Series, kind: pl.List) -> pl.Series:
    if kind.inner in (pl.String, pl.Categorical, pl.Enum):
        return column.cast(pl.List(pl.String))
    if kind.inner.is_numeric():
        return column.cast(pl.List(pl.Float64))
    inner = kind.inner
    if isinstance(inner, (pl.List, pl.Array)) and inner.inner.is_numeric():
        return column.cast(pl.List(pl.List(pl.Float64)))
    if isinstance(inner, pl.Struct) and _BOX_TYPES.keys() <= {f.name for f in inner.fields}:
        element = pl.element().struct
        fields = [element.field(n).cast(t, strict=False) for n, t in _BOX_TYPES.items()]
        return column.list.eval(pl.struct(fields))
    return _as_json(column)


_BOX_TYPES = {field.name: field.dtype for field in BOX.fields}


def _scalar(column: pl.Series, kind: pl.DataType) -> pl.Series:
    if kind in (pl.Null, pl.Categorical, pl.Enum, pl.Time):
        return column.cast(pl.String)
    if kind == pl.Duration:
        return column.dt.total_microseconds().cast(pl.Float64) / 1e6
    if kind == pl.Object:
        cells = [None if cell is None else str(cell) for cell in column.to_list()]
        return pl.Series(column.name, cells, dtype=pl.String)
    if kind.is_numeric() and kind not in _NUMBERS:  # decimals, 128 bits, half precision
        return column.cast(pl.Float64)
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return column


_NUMBERS = (
    pl.Int8,
    pl.Int16,
    pl.Int32,
    pl.Int64,
    pl.UInt8,
    pl.UInt16,
    pl.UInt32,
    pl.UInt64,
    pl.Float32,
    pl.Float64,
)


def _struct(column: pl.Series, kind: pl.Struct) -> Iterator[pl.Series]:
    fields = {field.name: field.dtype for field in kind.fields}
    if set(fields) == {"bytes", "path"} and fields["bytes"] == pl.Binary:
        yield column.struct.field("bytes").alias(column.name)
        return
    for name in fields:
        yield from _plain(column.struct.field(name).alias(f"{column.name}.{name}"))


def _array(column: pl.Series, kind: pl.Array) -> Iterator[pl.Series]:
    inner = kind
    while isinstance(inner.inner, pl.Array):
        inner = inner.inner
    if inner.inner == pl.UInt8 and len(kind.shape) in (2, 3):
        yield column
    elif len(kind.shape) == 1 and inner.inner in (pl.String, pl.Categorical, pl.Enum):
        yield column.cast(pl.List(pl.String))
    elif len(kind.shape) == 1 and kind.shape[0] <= WIDEST_VECTOR:
        for index in range(kind.shape[0]):
            yield from _plain(column.arr.get(index).alias(f"{column.name}_{index}"))
    elif inner.inner.is_numeric() and len(kind.shape) in (1, 2):
        depth = pl.List(pl.Float64) if len(kind.shape) == 1 else pl.List(pl.List(pl.Float64))
        yield column.cast(depth)
    else:
        yield _as_json(column)


def _as_json(column: pl.Series) -> pl.Series:
    import json

    cells = [None if cell is None else json.dumps(_listed(cell), default=str) for cell in column]
    return pl.Series(column.name, cells, dtype=pl.String)


def _listed(cell: object) -> object:
    return cell.to_list() if isinstance(cell, pl.Series) else cell
