"""X as a polars frame, and what the types of its columns say.

In scikit-learn's world the type of a column is the user's word: numbers are numbers and not ids,
the category type is a category. Only what has no such type (text, objects) is looked at by Lamina.
"""

from typing import Any

import numpy as np
import polars as pl

from lamina.core.errors import DataError
from lamina.data.schema import split_marks
from lamina.data.sources.frames import to_polars


def frame_of(X: Any) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return a frame of any library as one of polars, and the modality that each type says.

    Args:
        X: The frame.

    Returns:
        The frame, and a modality by column, "" where the type says none.

    Raises:
        DataError: A number is infinite.
    """
    import narwhals

    frame = to_polars(X)
    native = narwhals.from_native(X, pass_through=True)
    schema = native.collect_schema() if hasattr(native, "collect_schema") else None
    kinds = [None] * frame.width if schema is None else list(schema.values())
    said = tuple(_modality(cells, kind) for cells, kind in zip(frame.get_columns(), kinds))
    return _checked(frame), said


def array_of(X: np.ndarray) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return a checked array as a frame of columns x0, x1, ..., and the modality of each.

    Args:
        X: Numbers, strings or objects, [rows, columns].

    Raises:
        DataError: A number is infinite.
        TypeError: An object is neither a number nor a string.
    """
    cells = [_cells(X[:, place]) for place in range(X.shape[1])]
    frame = pl.DataFrame([column.alias(f"x{place}") for place, column in enumerate(cells)])
    return _checked(frame), tuple(_modality(column, None) for column in frame.get_columns())


def _modality(cells: pl.Series, kind: Any) -> str:
    """Return what the type of a column says it is; nothing of one that holds nothing."""
    present = cells.drop_nans() if cells.dtype.is_float() else cells
    if present.null_count() == len(present):
        return ""
    if cells.dtype == pl.Boolean:
        return "boolean"
    if cells.dtype.is_numeric() or cells.dtype == pl.Duration:
        return "number"
    if cells.dtype in (pl.Date, pl.Datetime):
        return "datetime"
    is_category = str(kind) == "Categorical" or str(kind).startswith("Enum")
    # Which rows are learnt from, the caller has decided already.
    return "category" if is_category or split_marks(cells) else ""


def _cells(column: np.ndarray) -> pl.Series:
    if column.dtype.kind in "biuf":
        return pl.Series(np.ascontiguousarray(column, dtype=np.float64))
    try:
        return pl.Series(np.asarray(column, dtype=np.float64))
    except (TypeError, ValueError):
        pass
    return pl.Series([_text(cell) for cell in column.tolist()], dtype=pl.String)


def _text(cell: Any) -> str | None:
    """Return a cell as text, null where it is missing."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType") or cell != cell:
        return None
    if isinstance(cell, (bytes, dict, list, set, tuple)):
        raise TypeError(f"a cell of X argument must be a string or a number, not {cell!r}.")
    return str(cell)


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    for name in frame.columns:
        cells = frame[name]
        if cells.dtype.is_float() and bool(cells.is_infinite().any()):
            raise DataError(
                f"Input X contains infinity or a value too large for dtype('float64'): column "
                f"{name!r}. Give finite numbers; what is missing may be NaN."
            )
    return frame
