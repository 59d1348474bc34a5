"""Files whose lines belong together, named by one pattern: `train.{en,de}`, `{a,b}.txt.gz`.

Line by line each file is a column, named by its word between the braces. Lines are texts as they
stand; an empty one is a missing cell. Files of unequal length do not belong together, and say so.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from typing import final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.encoding import TextReader
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.streams import missing, open_bytes

_PATTERN = re.compile(r"^(.*)\{([^{},]+(?:,[^{},]+)+)\}(.*)$", re.DOTALL)
_ROWS_PER_PIECE = 8_192


@final
class AlignedSource(AbstractSource):
    """Columns of texts, one file each.

    Args:
        pattern: The path with the words between braces.
        options: `encoding`.

    Raises:
        DataError: A file is missing, or two have one name.
    """

    def __init__(self, pattern: str, options: SourceOptions | None = None) -> None:
        super().__init__("aligned texts", pattern)
        named = named_files(pattern)
        self._paths = dict(named)
        if len(self._paths) < len(named):
            raise DataError(f"{pattern} names a file twice. Name each once between the braces.")
        names = list(self._paths)
        self._encoding = (options or SourceOptions()).encoding
        for path in self._paths.values():
            if not path.is_file():
                raise DataError(missing(path))
        self.notes.append(f"a text per line, one column per file: {', '.join(names)}")

    @property
    def target(self) -> str | None:
        """The second of two files."""
        names = list(self._paths)
        return names[1] if len(names) == 2 else None

    def _pieces(self) -> Iterator[pl.DataFrame]:
        rows: list[tuple[str | None, ...]] = []
        with ExitStack() as stack:
            files = [self._lines(name, stack) for name in self._paths]
            for number, lines in enumerate(zip_longest(*files), 1):
                if None in lines:
                    ended = [n for n, line in zip(self._paths, lines) if line is None]
                    raise DataError(
                        f"the files of {self.location} do not belong together: "
                        f"{self._paths[ended[0]].name} ends before line {number:,}, the others go "
                        "on. Give files with a line for each line."
                    )
                rows.append(tuple(line or None for line in lines))
                if len(rows) == _ROWS_PER_PIECE:
                    yield self._frame(rows)
                    rows = []
        if rows:
            yield self._frame(rows)

    def _lines(self, name: str, stack: ExitStack) -> Iterator[str]:
        """Yield the lines of a file without their ends."""
        path = self._paths[name]
        reader = TextReader(stack.enter_context(open_bytes(path)), str(path), self._encoding)
        waiting, has_told = "", False
        for block in reader.blocks():
            if reader.guess and not has_told:
                self._put_aside(str(path), reader.guess)
                has_told = True
            *lines, waiting = (waiting + block.data.decode("utf-8", "replace")).split("\n")
            yield from (line.rstrip("\r") for line in lines)
        if waiting:
            yield waiting

    def _frame(self, rows: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
        columns = zip(*rows)
        return pl.DataFrame(
            [pl.Series(n, cells, dtype=pl.String) for n, cells in zip(self._paths, columns)]
        )

    def _num_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._paths.values())

    def _compute_fingerprint(self) -> str:
        return hash_files(list(self._paths.values()))


def named_files(text: str) -> tuple[tuple[str, Path], ...]:
    """Return the word and the file for each word between the braces of a path; none without any.

    Args:
        text: A path.
    """
    found = _PATTERN.match(text)
    if found is None:
        return ()
    before, words, after = found.groups()
    names = [word.strip() for word in words.split(",")]
    return tuple((name, Path(f"{before}{name}{after}").expanduser()) for name in names)
