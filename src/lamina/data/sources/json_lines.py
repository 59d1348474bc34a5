"""JSON lines: one JSON object per line; and files that hold one JSON list of objects.

Nested objects become dotted columns; lists of strings stay lists; other nested values become JSON
text. Lines that are no JSON object are put aside with their numbers. The file is gone through
twice: once for names and types, once for the cells (see `records.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.cells import normalise
from lamina.data.sources.encoding import TextReader
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.records import ColumnKinds
from lamina.data.sources.streams import open_bytes

ROWS_PER_PIECE = 8192
"""Records built into a frame at a time."""


@final
class JsonLinesSource(AbstractSource):
    """Rows of one file of JSON lines."""

    def __init__(self, path: Path, options: SourceOptions | None = None) -> None:
        super().__init__("json lines", str(path))
        self._path = path
        self._encoding = (options or SourceOptions()).encoding
        self._kinds: ColumnKinds | None = None

    def _pieces(self) -> Iterator[pl.DataFrame]:
        if self._kinds is None:
            kinds = ColumnKinds()
            for records in self._records():
                kinds.see(records)
            self._kinds = kinds
            self.problems.clear()
            self._num_left_out = 0
        for records in self._records():
            yield normalise(self._kinds.build(records))

    def _records(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the objects of the file in pieces; put the other lines aside."""
        with open_bytes(self._path) as stream:
            reader = TextReader(stream, self.location, self._encoding)
            next_line, is_first, has_told, is_empty = 1, True, False, True
            blocks = reader.blocks()
            for block in blocks:
                is_empty = is_empty and not block.data.strip()
                if reader.guess and not has_told:
                    self._put_aside(self.location, reader.guess)
                    has_told = True
                if is_first and block.data.lstrip().startswith(b"["):
                    rest = b"".join(later.data for later in blocks)
                    yield from self._list(block.data + rest)
                    return
                lines = block.data.removesuffix(b"\n").split(b"\n")
                for start in range(0, len(lines), ROWS_PER_PIECE):
                    piece = lines[start : start + ROWS_PER_PIECE]
                    records = self._objects(piece, next_line + start)
                    if records:
                        is_first = False
                        yield records
                next_line += len(lines)
            if is_empty:
                raise DataError(f"{self.location} is empty. Give a file with one object per line.")

    def _objects(self, lines: list[bytes], first: int) -> list[dict[str, Any]]:
        """Return the objects of some lines; all at once if they are all good."""
        try:
            records = json.loads(b"[" + b",".join(lines) + b"]")
        except (ValueError, RecursionError):
            records = []
        if len(records) == len(lines) and all(type(r) is dict and r for r in records):
            return records
        found = (self._object(line, first + i) for i, line in enumerate(lines) if line.strip())
        return [record for record in found if record]

    def _object(self, line: bytes, number: int) -> dict[str, Any] | None:
        where = f"{self.location}, line {number}"
        try:
            record = json.loads(line)
        except UnicodeDecodeError:
            self._put_aside(where, "holds bytes that are no valid text in its encoding")
            return None
        except (ValueError, RecursionError) as error:
            self._put_aside(where, f"is no JSON ({error})")
            return None
        if isinstance(record, dict) and record:
            return record
        self._put_aside(where, f"is no JSON object with values, got {_shown(record)}")
        return None

    def _list(self, data: bytes) -> Iterator[list[dict[str, Any]]]:
        try:
            entries = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{self.location} is not valid JSON ({error}). Write one object per line instead."
            ) from error
        for start in range(0, len(entries), ROWS_PER_PIECE):
            records = []
            for number, entry in enumerate(entries[start : start + ROWS_PER_PIECE], start + 1):
                if isinstance(entry, dict) and entry:
                    records.append(entry)
                else:
                    where = f"{self.location}, entry {number}"
                    self._put_aside(where, f"is no JSON object with values, got {_shown(entry)}")
            if records:
                yield records

    def _num_bytes(self) -> int:
        return self._path.stat().st_size

    def _compute_fingerprint(self) -> str:
        return hash_files([self._path])


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
