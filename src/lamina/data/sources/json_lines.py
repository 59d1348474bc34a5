"""JSON lines: one JSON object per line; and files that hold one JSON list of objects.

Nested objects become dotted columns; lists of strings stay lists; other nested values become JSON
text. Lines that are no JSON object are put aside with their numbers. The file is gone through
twice: once for names and types, once for the cells (see `records.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
            for record in self._records():
                kinds.see(record)
            self._kinds = kinds
            self.problems.clear()
            self._num_left_out = 0
        waiting: list[dict[str, Any]] = []
        for record in self._records():
            waiting.append(record)
            if len(waiting) == ROWS_PER_PIECE:
                yield normalise(self._kinds.build(waiting))
                waiting = []
        if waiting:
            yield normalise(self._kinds.build(waiting))

    def _records(self) -> Iterator[dict[str, Any]]:
        """Yield the objects of the file; put the other lines aside."""
        with open_bytes(self._path) as stream:
            reader = TextReader(stream, self.location, self._encoding)
            number, is_first, has_told = 0, True, False
            for block in reader.blocks():
                if reader.guess and not has_told:
                    self._put_aside(self.location, reader.guess)
                    has_told = True
                if is_first and block.data.lstrip().startswith(b"["):
                    rest = b"".join(later.data for later in reader.blocks())
                    yield from self._list(block.data + rest)
                    return
                for line in block.data.split(b"\n"):
                    number += 1
                    if line.strip():
                        is_first = False
                        yield from self._object(line, number)
                number -= block.data.endswith(b"\n")
            if is_first:
                raise DataError(f"{self.location} is empty. Give a file with one object per line.")

    def _object(self, line: bytes, number: int) -> Iterator[dict[str, Any]]:
        where = f"{self.location}, line {number}"
        try:
            record = json.loads(line)
        except UnicodeDecodeError:
            self._put_aside(where, "holds bytes that are no valid text in its encoding")
            return
        except (ValueError, RecursionError) as error:
            self._put_aside(where, f"is no JSON ({error})")
            return
        if isinstance(record, dict) and record:
            yield record
        else:
            self._put_aside(where, f"is no JSON object with values, got {_shown(record)}")

    def _list(self, data: bytes) -> Iterator[dict[str, Any]]:
        try:
            records = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{self.location} is not valid JSON ({error}). Write one object per line instead."
            ) from error
        for number, record in enumerate(records, start=1):
            if isinstance(record, dict) and record:
                yield record
            else:
                where = f"{self.location}, entry {number}"
                self._put_aside(where, f"is no JSON object with values, got {_shown(record)}")

    def _num_bytes(self) -> int:
        return self._path.stat().st_size

    def _compute_fingerprint(self) -> str:
        return hash_files([self._path])


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
