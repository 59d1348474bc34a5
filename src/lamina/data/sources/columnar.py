"""Parquet, Arrow IPC and Feather files, read by polars in slices.

A slice reads only the row groups it overlaps, so memory depends on the size of a row group and not
on that of the file. A row group is decoded anew for each slice of it, so slices are as large as
memory allows. Types are kept where modalities know them (see `cells.py`).
"""

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.cells import normalise
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.streams import missing

BYTES_PER_SLICE = 32 << 20
"""Bytes of the file decoded at a time; as rows they may take several times as much."""

ROWS_PER_SLICE = 1 << 17
"""Most rows decoded at a time."""


@final
class ColumnarSource(AbstractSource):
    """Rows of one Parquet, Arrow IPC or Feather file."""

    def __init__(self, path: Path, options: SourceOptions | None = None) -> None:
        del options  # these files say themselves how they are to be read
        super().__init__("parquet" if _is_parquet(path) else "arrow", str(path))
        self._path = path
        try:
            self._num_rows = int(self._scan().select(pl.len()).collect().item())
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _damaged(path, error) from error

    def _scan(self) -> pl.LazyFrame:
        if self.kind == "parquet":
            return pl.scan_parquet(self._path, glob=False)
        # Not all versions of polars can be told that a bracket in a name is no pattern.
        return pl.scan_ipc(glob.escape(str(self._path)))

    def _pieces(self) -> Iterator[pl.DataFrame]:
        scan, num_rows = self._scan(), self._num_rows or 0
        row_bytes = self._num_bytes() / max(num_rows, 1)
        step = max(1, min(ROWS_PER_SLICE, int(BYTES_PER_SLICE / max(row_bytes, 1.0))))
        for start in range(0, num_rows, step):
            try:
                piece = scan.slice(start, step).collect()
            except (pl.exceptions.PolarsError, OSError) as error:
                raise _damaged(self._path, error) from error
            yield normalise(piece)

    def _num_bytes(self) -> int:
        return self._path.stat().st_size

    def _compute_fingerprint(self) -> str:
        return hash_files([self._path])


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise DataError(missing(path)) from None
    if not start:
        raise DataError(f"{path} is empty. Give a file with rows.")
    if start.startswith(b"PAR1"):
        return True
    if start.startswith(b"ARROW1"):
        return False
    raise DataError(
        f"{path} is neither Parquet nor Arrow: it begins with {start[:4]!r}. Check the file, or "
        "give it the suffix of what it is."
    )


def _damaged(path: Path, error: Exception) -> DataError:
    reason = str(error).split("\n")[0]
    return DataError(f"{path} cannot be read ({reason}). Copy it again or write it anew.")
