"""Where records begin and end in delimited text, and how many cells each has.

The fast path is a few NumPy passes over the bytes: a line end or delimiter counts if an even number
of quotes stands before it. This is right exactly when each opening quote starts a cell and each
closing one ends it, which is checked. A block where that fails (inches, quotes inside sentences, a
quote that is never closed) goes through `_repair` line by line, which rewrites the doubtful
records in standard quoting; then the fast path holds again.
"""

import re
from dataclasses import dataclass

import numpy as np

QUOTE = 34
LONGEST_QUOTED_LINES = 10_000
"""A quoted cell that is not closed after this many lines is taken literally."""
LONGEST_QUOTED_BYTES = 16 << 20
"""The same in bytes."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a block of text."""

    data: bytes
    """Whole records, in standard quoting."""
    ends: np.ndarray
    """int64 [records], offset after each record's line end."""
    lines: np.ndarray
    """int64 [records], line number in the file at which each begins."""
    widths: np.ndarray
    """int64 [records], number of cells."""
    is_blank: np.ndarray
    """bool [records], whether it is an empty line."""
    rest: bytes
    """What follows the last whole record."""
    next_line: int
    """Line number at which `rest` begins."""
    notes: tuple[tuple[int, str], ...] = ()
    """Lines that were mended, and how."""

    def select(self, keep: np.ndarray) -> bytes:
        """Return the text of some records.

        Args:
            keep: bool [records], which ones.
        """
        if keep.all():
            return self.data
        edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
        starts = np.concatenate(([0], self.ends))
        return b"".join(
            self.data[starts[first] : starts[stop]] for first, stop in edges.reshape(-1, 2)
        )


def find_records(
    data: bytes,
    *,
    delimiter: str,
    is_quoted: bool,
    width: int,
    first_line: int,
    is_last: bool,
) -> Records:
    """Return the records of a block.

    Args:
        data: UTF-8 text that begins with a record.
        delimiter: Character between cells.
        is_quoted: Whether quotes have a meaning.
        width: Cells that a record should have.
        first_line: Line number of the start of `data`.
        is_last: Whether the file ends here.
    """
    if is_last and not data.endswith(b"\n"):
        data += b"\n"
    mark = delimiter.encode()
    if not is_quoted or b'"' not in data:
        return _scan(data, mark, np.zeros(len(data), bool), first_line)
    quote, inside = _quotes(data)
    is_open = bool(inside[-1])
    if _is_standard(data, quote, mark) and not (
        is_open and (is_last or len(data) > LONGEST_QUOTED_BYTES)
    ):
        return _scan(data, mark, inside, first_line)
    repaired = _repair(data, delimiter, width=width, first_line=first_line, is_last=is_last)
    found = _scan(repaired.data, mark, _quotes(repaired.data)[1], first_line)
    return Records(
        found.data,
        found.ends,
        repaired.lines,
        found.widths,
        found.is_blank,
        repaired.rest,
        repaired.next_line,
        tuple(repaired.notes),
    )


def collapse_blanks(data: bytes) -> bytes:
    """Return text with each run of blanks as one tab and none at the ends of lines.

    Args:
        data: The text.
    """
    data = re.sub(rb"[ \t\r]*\n[ \t]*", b"\n", data)
    return re.sub(rb"[ \t]+", b"\t", data.strip(b" \t"))


def split_records(text: bytes, *, delimiter: str, most: int) -> tuple[list[list[str]], int, bool]:
    """Take text apart cell by cell, for a look at the start of a file.

    Args:
        text: UTF-8 text that begins with a record.
        delimiter: Character between cells.
        most: Most records to return.

    Returns:
        The records that are not blank, how many of them have stray quotes, and whether the last
        one is not closed (it is left out).
    """
    physical = text.split(b"\n")
    if not physical[-1]:
        physical.pop()
    rows: list[list[str]] = []
    num_stray, position = 0, 0
    while position < len(physical) and len(rows) < most:
        stop, cells = _next_record(physical, position, delimiter, 0)
        if stop is None:
            return rows, num_stray, True
        if cells is None:
            num_stray += 1
            cells = _decode(physical[position]).split(delimiter)
        if physical[position].strip(b"\r"):
            rows.append(cells)
        position = stop
    return rows, num_stray, False


def _quotes(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return which bytes are quotes, and which are inside quotes or open them."""
    quote = np.frombuffer(data, np.uint8) == QUOTE
    return quote, (np.cumsum(quote, dtype=np.uint8) & 1).astype(bool)


def _scan(data: bytes, mark: bytes, inside: np.ndarray, first_line: int) -> Records:
    """Return the records of standard text, given which bytes are inside quotes."""
    values = np.frombuffer(data, np.uint8)
    newline = values == 10
    breaks = np.flatnonzero(newline)
    ends = np.flatnonzero(newline & ~inside) + 1
    starts = np.concatenate(([0], ends))
    delimiters = _positions(data, values, mark)
    delimiters = delimiters[~inside[delimiters]]
    before = np.searchsorted(delimiters, starts)
    lengths = np.diff(starts)
    is_blank = lengths == 1
    short = np.flatnonzero(lengths == 2)
    is_blank[short] = values[starts[short]] == 13
    lines = first_line + np.searchsorted(breaks, starts)
    last = int(starts[-1])
    return Records(
        data[:last] if last < len(data) else data,
        ends,
        lines[:-1],
        np.diff(before) + 1,
        is_blank,
        data[last:],
        int(lines[-1]),
    )


def _positions(data: bytes, values: np.ndarray, mark: bytes) -> np.ndarray:
    if len(mark) == 1:
        return np.flatnonzero(values == mark[0])
    return np.array([found.start() for found in re.finditer(re.escape(mark), data)], np.int64)


def _is_standard(data: bytes, quote: np.ndarray, mark: bytes) -> bool:
    """Return whether each opening quote starts a cell and each closing one ends it."""
    values = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(quote)
    opening, closing = places[0::2], places[1::2]
    before = values[opening - 1]
    starts_cell = (before == mark[-1]) | (before == 10) | (opening == 0)
    starts_cell[1:] |= opening[1:] == closing[: len(opening) - 1] + 1  # a doubled quote
    after = values[np.minimum(closing + 1, len(values) - 1)]
    ends_cell = (after == mark[0]) | (after == 10) | (after == 13) | (after == QUOTE)
    ends_cell |= closing == len(values) - 1
    return bool(starts_cell.all() and ends_cell.all())


class _Repaired:
    """The outcome of `_repair`."""

    def __init__(self) -> None:
        self.data = b""
        self.lines = np.zeros(0, np.int64)
        self.rest = b""
        self.next_line = 0
        self.notes: list[tuple[int, str]] = []


def _repair(
    data: bytes, delimiter: str, *, width: int, first_line: int, is_last: bool
) -> _Repaired:
    """Return the text with every doubtful record written in standard quoting."""
    result = _Repaired()
    physical = data.split(b"\n")
    tail = physical.pop()
    records: list[bytes] = []
    lines: list[int] = []
    position = 0
    while position < len(physical):
        if b'"' not in physical[position]:
            text, stop = physical[position], position + 1
        else:
            found, cells = _next_record(physical, position, delimiter, width)
            if found is None and not is_last and _may_continue(physical, position):
                break
            stop = found or position + 1
            if cells is None:
                cells = _decode(physical[position]).removesuffix("\r").split(delimiter)
                result.notes.append((first_line + position, "has a stray quote, taken literally"))
            text = _write(cells, delimiter)
        records.append(text)
        lines.append(first_line + position)
        position = stop
    result.data = b"".join(record + b"\n" for record in records)
    result.lines = np.array(lines, np.int64)
    result.next_line = first_line + position
    result.rest = b"\n".join([*physical[position:], tail])
    return result


def _may_continue(physical: list[bytes], position: int) -> bool:
    left = physical[position:]
    return len(left) < LONGEST_QUOTED_LINES and sum(map(len, left)) < LONGEST_QUOTED_BYTES


def _next_record(
    physical: list[bytes], position: int, delimiter: str, width: int
) -> tuple[int | None, list[str] | None]:
    """Return the line after the record at `position`, and its cells.

    The cells are None if a quote is astray; the line is None if a quote is open at the end.
    A number of quotes that is even marks the only place where the record can end.
    """
    mark = re.escape(delimiter.encode())
    if not re.search(rb'(?:^|%s) *"' % mark, physical[position]):
        return position + 1, _decode(physical[position]).removesuffix("\r").split(delimiter)
    count, size = 0, 0
    limit = min(len(physical), position + LONGEST_QUOTED_LINES)
    for stop in range(position + 1, limit + 1):
        count += physical[stop - 1].count(b'"')
        size += len(physical[stop - 1])
        if count % 2 == 0:
            cells = _split(b"\n".join(physical[position:stop]), delimiter)
            if cells is not None and (stop == position + 1 or width in (0, len(cells))):
                return stop, cells
            return position + 1, None
        if size > LONGEST_QUOTED_BYTES:
            return position + 1, None
    return (None if limit == len(physical) else position + 1), None


def _split(text: bytes, delimiter: str) -> list[str] | None:
    """Return the cells of one record, or None if its quotes do not follow the standard."""
    record = _decode(text).removesuffix("\r")
    quoted = re.compile(rf'[ ]*"([^"]*(?:""[^"]*)*)"[ ]*(?={re.escape(delimiter)}|\Z)')
    cells = []
    position = 0
    while True:
        found = quoted.match(record, position)
        if found:
            cells.append(found[1].replace('""', '"'))
            stop = found.end()
        else:
            stop = record.find(delimiter, position)
            stop = len(record) if stop < 0 else stop
            cell = record[position:stop]
            if cell.lstrip(" ").startswith('"') or "\n" in cell:
                return None
            cells.append(cell)
        if stop == len(record):
            return cells
        position = stop + 1


def _write(cells: list[str], delimiter: str) -> bytes:
    special = (delimiter, '"', "\n", "\r")
    written = (
        '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in special) else cell
        for cell in cells
    )
    return _encode(delimiter.join(written))


def _decode(text: bytes) -> str:
    return text.decode(errors="surrogateescape")


def _encode(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
