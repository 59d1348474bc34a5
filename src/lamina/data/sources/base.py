"""What a source of rows is: the contract, its settings and the record that describes it.

A source yields polars frames of raw cells, always in the same row order and with the same columns
and types, whether it is read at once or in batches. Every kind of source writes one generator,
`_pieces`, of frames of any convenient size; reading, batching, limits, the row count and the
fingerprint of values are derived from it here, so they cannot disagree.

We differ from frame libraries in that nothing is guessed from the first rows only, and in that
what could not be read is put aside in `problems` instead of stopping or vanishing.
"""

import abc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from lamina.core.errors import ConfigError, DataError
from lamina.core.records import Problem

MOST_PROBLEMS = 1000
"""Problems kept; further ones are counted in one closing line."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source is, for receipts and reports."""

    kind: str
    """Name in the table of kinds, such as "csv"."""
    location: str
    """Path, pattern, query or type of the object in memory; passwords are left out."""
    num_rows: int | None
    """Rows, where it is known without reading everything or after everything was read."""
    num_bytes: int | None
    """Bytes on disk or in memory, where known."""
    fingerprint: str
    """SHA-256 of the content (files) or of the values (frames, queries), in hexadecimal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOptions:
    """How to read a source; what is left at None is detected."""

    delimiter: str | None = None
    """ASCII character between the cells of a CSV file; " " means any run of blanks."""
    encoding: str | None = None
    """Encoding of a text file, such as "utf-8" or "cp1252"."""
    has_header: bool | None = None
    """Whether the first line of a CSV file names the columns."""
    file_column: str | None = None
    """Column of a table of labels that names the picture files."""
    prose: bool | None = None
    """Whether a text file is one running text, which is read in passages, and not one per line."""
    query: str | None = None
    """SQL statement that gives the rows."""

    def __post_init__(self) -> None:
        mark = self.delimiter
        if mark is not None and (len(mark) != 1 or not mark.isascii() or mark in '"\r\n'):
            raise ConfigError(
                f"delimiter must be one ASCII character other than a quote or line end, got "
                f'{mark!r}. Usual ones are ",", ";", "|" and a tab.'
            )

    def given(self) -> tuple[str, ...]:
        """Return the names of the settings that are not left to detection."""
        return tuple(name for name in self.__slots__ if getattr(self, name) is not None)


class AbstractSource(abc.ABC):
    """Rows from one place, in a fixed order.

    Attributes:
        kind: Name in the table of kinds.
        location: Where the rows come from, for messages.
        problems: Rows and files put aside; complete once all rows were read.
        notes: How the source was understood (delimiter, header, encoding), with evidence.
    """

    kind: str
    location: str
    problems: list[Problem]
    notes: list[str]

    def __init__(self, kind: str, location: str) -> None:
        self.kind = kind
        self.location = location
        self.problems = []
        self.notes = []
        self._num_rows: int | None = None
        self._fingerprint: str | None = None
        self._num_left_out = 0

    def describe(self) -> SourceInfo:
        """Return what the source is; the fingerprint is computed if it was not yet."""
        return SourceInfo(
            self.kind, self.location, self.num_rows, self._num_bytes(), self.fingerprint()
        )

    @property
    def target(self) -> str | None:
        """Column that is meant to be predicted, where the source says so; else None."""
        return None

    @property
    def group(self) -> str | None:
        """Column whose equal cells stay on one side of a split, where the source says so."""
        return None

    @property
    def modalities(self) -> Mapping[str, str]:
        """By column: the modality that the source itself says it has; {} where it says nothing."""
        return {}

    @property
    def num_rows(self) -> int | None:
        """Rows, where that is known without reading or after everything was read; else None."""
        return self._num_rows

    def fingerprint(self) -> str:
        """Return the SHA-256 of content or values; computed on the first call, in pieces."""
        if self._fingerprint is None:
            self._fingerprint = self._compute_fingerprint()
        return self._fingerprint

    def read(self, limit: int | None = None) -> pl.DataFrame:
        """Return the rows as one frame.

        Args:
            limit: Most rows to return; None returns all.

        Returns:
            A frame with the same columns and types as every batch.

        Raises:
            DataError: The source cannot be read or holds no rows.
            ConfigError: The limit is negative.
        """
        if limit is not None and limit < 0:
            raise ConfigError(f"limit must be 0 or more, got {limit!r}. Leave it out for all rows.")
        frames, count = [], 0
        for frame in self._all_pieces():
            frames.append(frame if limit is None else frame.head(limit - count))
            count += frames[-1].height
            if limit is not None and count >= limit:
                break
        return pl.concat(frames, rechunk=True)

    def batches(self, num_rows: int) -> Iterator[pl.DataFrame]:
        """Yield the rows in order in frames of `num_rows`, the last one shorter.

        Memory does not grow with the source, except where the source is itself in memory.

        Args:
            num_rows: Rows per frame.

        Raises:
            DataError: The source cannot be read or holds no rows.
            ConfigError: The number is below 1.
        """
        if num_rows < 1:
            raise ConfigError(f"num_rows must be at least 1, got {num_rows!r}.")
        waiting: list[pl.DataFrame] = []
        count = 0
        for frame in self._all_pieces():
            waiting.append(frame)
            count += frame.height
            if count < num_rows:
                continue
            joined = pl.concat(waiting, rechunk=True)
            full = count - count % num_rows
            for start in range(0, full, num_rows):
                yield joined.slice(start, num_rows)
            waiting = [joined.slice(full)] if full < count else []
            count -= full
        if count:
            yield pl.concat(waiting, rechunk=True)

    def _all_pieces(self) -> Iterator[pl.DataFrame]:
        """Yield the pieces, with a fresh list of problems and a count at the end."""
        self.problems.clear()
        self._num_left_out = 0
        count = 0
        for frame in self._pieces():
            if frame.height:
                count += frame.height
                yield frame
        if not count:
            raise DataError(self._nothing_read())
        self._num_rows = count
        self._close_problems()

    def _nothing_read(self) -> str:
        found = self.problems[0] if self.problems else None
        why = f" The first problem: {found.where}: {found.what}." if found else ""
        return f"{self.location} holds no rows that can be read.{why} Give a source with rows."

    def _put_aside(self, where: str, what: str) -> None:
        """Record a piece that could not be read; the list stays bounded."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(where, what))
        else:
            self._num_left_out += 1

    def _close_problems(self) -> None:
        if self._num_left_out:
            self.problems.append(
                Problem(self.location, f"{self._num_left_out:,} further problems are not listed")
            )

    def _num_bytes(self) -> int | None:
        """Return the bytes on disk or in memory, where known."""
        return None

    def _compute_fingerprint(self) -> str:
        """Return the SHA-256 of the values; sources of files hash the files instead."""
        from lamina.data.sources.fingerprint import hash_frames

        return hash_frames(self.batches(1 << 14))

    @abc.abstractmethod
    def _pieces(self) -> Iterator[pl.DataFrame]:
        """Yield frames of any size, all with the same columns and types."""
