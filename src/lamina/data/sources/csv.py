"""CSV, TSV and other delimited text, of any delimiter and encoding, compressed or not.

All cells are strings (or null where empty); what they mean is for the modalities to find out. So
reading at once and reading in batches cannot disagree, which they do in libraries that infer types
from the first rows. Records are found with NumPy over blocks of bytes and parsed by polars, at a
few hundred MB of memory at most. Records that do not fit (too many or too few cells, characters
that cannot be decoded) are put aside with their line numbers. A quote that is never closed is
taken literally instead of swallowing the rest of the file.

Format: RFC 4180 (Shafranovich 2005), read leniently.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import final

import numpy as np
import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.dialect import Dialect, sniff
from lamina.data.sources.encoding import Block, TextReader, broken_positions
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.quoting import Records, collapse_blanks, find_records
from lamina.data.sources.streams import content_suffix, open_bytes


@final
class CsvSource(AbstractSource):
    """Rows of one delimited text file."""

    def __init__(self, path: Path, options: SourceOptions | None = None) -> None:
        super().__init__("csv", str(path))
        self._path = path
        self._options = options or SourceOptions()
        self._suffix = content_suffix(path)
        self.dialect: Dialect | None = None
        """How the cells are separated; known once reading has begun."""

    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, read from the start of the file."""
        if self.dialect is None:
            self.read(1)
        assert self.dialect is not None
        return self.dialect.columns

    def _num_bytes(self) -> int:
        return self._path.stat().st_size

    def _compute_fingerprint(self) -> str:
        return hash_files([self._path])

    def _pieces(self) -> Iterator[pl.DataFrame]:
        with open_bytes(self._path) as stream:
            reader = TextReader(stream, self.location, self._options.encoding)
            yield from self._parse(reader)

    def _parse(self, reader: TextReader) -> Iterator[pl.DataFrame]:
        state: _State | None = None
        for block in reader.blocks():
            if state is None:
                state = self._begin(block)
            if reader.guess and not state.has_told_guess:
                self._put_aside(self.location, reader.guess)
                state.has_told_guess = True
            yield from self._frames(state, block, is_last=False)
        if state is None:
            raise DataError(f"{self.location} is empty. Give a file with rows.")
        yield from self._frames(state, Block(b"", is_broken=False), is_last=True)

    def _begin(self, block: Block) -> "_State":
        if not block.data.strip():
            raise DataError(f"{self.location} is empty (blank lines only). Give a file with rows.")
        self.dialect = sniff(block.data, self._options, suffix=self._suffix)
        self.notes[:] = self.dialect.evidence
        return _State(self.dialect)

    def _frames(self, state: "_State", block: Block, *, is_last: bool) -> Iterator[pl.DataFrame]:
        data = state.rest + block.data
        if not data:
            return
        state.is_broken = state.is_broken or block.is_broken
        dialect = state.dialect
        if dialect.delimiter == " ":
            data = collapse_blanks(data)
        records = find_records(
            data,
            delimiter="\t" if dialect.delimiter == " " else dialect.delimiter,
            is_quoted=dialect.is_quoted,
            width=len(dialect.columns),
            first_line=state.next_line,
            is_last=is_last,
        )
        state.rest = records.rest
        for line, what in records.notes:
            self._put_aside(f"{self.location}, line {line}", what)
        if len(records.ends):
            frame = self._to_frame(state, records)
            if frame is not None:
                yield frame
        state.next_line = records.next_line
        state.is_broken = state.is_broken and bool(state.rest)

    def _to_frame(self, state: "_State", records: Records) -> pl.DataFrame | None:
        """Put aside the records that do not fit and parse the others."""
        keep = ~records.is_blank
        numbers = state.num_records + np.cumsum(keep) - 1
        state.num_records += int(keep.sum())
        header = state.dialect.header_record
        keep &= numbers != header
        preamble = keep & (numbers < header)
        broken = np.zeros_like(keep)
        if state.is_broken:
            places = np.fromiter(broken_positions(Block(records.data, is_broken=True)), np.int64)
            broken[np.searchsorted(records.ends, places, side="right")] = True
        ragged = keep & (records.widths != len(state.dialect.columns)) & ~preamble
        self._report(records, ragged, preamble, broken & keep, len(state.dialect.columns))
        keep &= ~(ragged | preamble | broken)
        return _parse_cells(records, keep, state.dialect)

    def _report(
        self,
        records: Records,
        ragged: np.ndarray,
        preamble: np.ndarray,
        broken: np.ndarray,
        width: int,
    ) -> None:
        for index in np.flatnonzero(ragged | preamble | broken):
            where = f"{self.location}, line {records.lines[index]}"
            if broken[index]:
                self._put_aside(where, "holds bytes that are no valid text in its encoding")
            elif preamble[index]:
                self._put_aside(where, "stands before the header")
            else:
                count = int(records.widths[index])
                self._put_aside(where, f"has {count} cell{'s' * (count > 1)}, wanted {width}")


class _State:
    """Where a pass over a file has got to."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.rest = b""
        self.next_line = 1
        self.num_records = 0
        self.is_broken = False
        self.has_told_guess = False


def _parse_cells(records: Records, keep: np.ndarray, dialect: Dialect) -> pl.DataFrame | None:
    """Return the cells of the records to keep as strings, or None if there are none."""
    data = records.select(keep)
    if not data:
        return None
    frame = pl.read_csv(
        data,
        has_header=False,
        schema=dict.fromkeys(dialect.columns, pl.String),
        separator="\t" if dialect.delimiter == " " else dialect.delimiter,
        quote_char='"' if dialect.is_quoted else None,
    )
    cells = pl.all().str.strip_chars() if dialect.is_padded else pl.all()
    if dialect.is_padded or (dialect.is_quoted and b'""' in data):
        frame = frame.with_columns(pl.when(cells.str.len_bytes() > 0).then(cells))
    return frame
