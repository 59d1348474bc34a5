"""Writing frames, such as predictions, as CSV, Parquet or JSON lines, by the suffix of the path.

A file appears whole or not at all (see `core/files.py`).
"""

import io
from pathlib import Path

import polars as pl

from lamina.core.errors import DataError
from lamina.core.files import write_atomically

WRITTEN_SUFFIXES = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")


def check_target(path: Path | str) -> None:
    """Raise an error where no frame can be written to a path, before the work for it is done.

    Args:
        path: Where to write.

    Raises:
        DataError: The suffix is unknown, the folder is missing, or a folder is in the way.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in WRITTEN_SUFFIXES:
        raise DataError(
            f"cannot write {str(path)!r}: unknown suffix {suffix!r}; wanted one of "
            f"{', '.join(WRITTEN_SUFFIXES)}."
        )
    if not target.parent.is_dir():
        raise DataError(f"cannot write {str(path)!r}: there is no folder {str(target.parent)!r}.")
    if target.is_dir():
        raise DataError(f"cannot write {str(path)!r}: it is a folder. Name a file.")


def write_frame(frame: pl.DataFrame, path: Path | str) -> Path:
    """Write a frame; what is at the path is replaced.

    Args:
        frame: The frame.
        path: Where to; the suffix says how: .csv, .tsv, .parquet, .jsonl or .ndjson.

    Returns:
        The path.

    Raises:
        DataError: The suffix is unknown, the folder is missing or cannot be written to, or a column
            cannot be written in this way.
    """
    check_target(path)
    target = Path(path)
    suffix = target.suffix.lower()
    buffer = io.BytesIO()
    try:
        if suffix in (".csv", ".tsv"):
            _as_text(frame).write_csv(buffer, separator="," if suffix == ".csv" else "\t")
        elif suffix == ".parquet":
            frame.write_parquet(buffer)
        else:
            frame.write_ndjson(buffer)
        write_atomically(target, buffer.getvalue())
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n")[0]
        raise DataError(f"cannot write {str(path)!r}: {reason}. Try .parquet.") from error
    except OSError as error:
        raise DataError(f"cannot write {str(path)!r}: {error.strerror or error}.") from error
    return target


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with lists as JSON text, since a CSV cell holds no list."""
    import json

    columns = []
    for column in frame.iter_columns():
        if column.dtype.is_nested():
            cells = [None if c is None else json.dumps(c, default=str) for c in column.to_list()]
            column = pl.Series(column.name, cells, dtype=pl.String)
        columns.append(column)
    return pl.DataFrame(columns)
