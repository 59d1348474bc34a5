"""Plain text: one file of prose, or several, as rows of some hundred characters.

A row is a passage: whole lines as long as they fit, so that its end is a line break. Nothing is
lost: all passages of a file joined give the file. A line that is longer than a passage is cut. A
second column names the file, where there are several.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.dialect import SAMPLE_BYTES, sniff
from lamina.data.sources.encoding import TextReader
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.streams import content_suffix, open_bytes
from lamina.data.sources.word_columns import is_word_columns

PASSAGE = 500
"""Most characters of a passage."""

_TOGETHER = 2_000

SUFFIXES = (".txt", ".text", ".md", ".rst")
"""Suffixes of files that may hold prose."""


@final
class ProseSource(AbstractSource):
    """Passages of files of plain text.

    Args:
        paths: The files, in order.
        options: `encoding`.
    """

    def __init__(self, paths: Sequence[Path], options: SourceOptions | None = None) -> None:
        location = str(paths[0]) if len(paths) == 1 else str(paths[0].parent)
        super().__init__("plain text", location)
        self._paths = tuple(paths)
        self._encoding = (options or SourceOptions()).encoding

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for path in self._paths:
            passages: list[str] = []
            for passage in self._passages(path):
                passages.append(passage)
                if len(passages) == _TOGETHER:
                    yield self._frame(path, passages)
                    passages = []
            if passages:
                yield self._frame(path, passages)

    def _frame(self, path: Path, passages: list[str]) -> pl.DataFrame:
        columns = {"text": pl.Series(passages, dtype=pl.String)}
        if len(self._paths) > 1:
            columns["file"] = pl.Series([path.name] * len(passages), dtype=pl.String)
        return pl.DataFrame(columns)

    def _passages(self, path: Path) -> Iterator[str]:
        waiting = ""
        try:
            with open_bytes(path) as stream:
                reader = TextReader(stream, str(path), self._encoding)
                has_told = False
                for block in reader.blocks():
                    if reader.guess and not has_told:
                        self._put_aside(str(path), reader.guess)
                        has_told = True
                    waiting += block.data.decode("utf-8", "replace")
                    found, waiting = _cut(waiting)
                    yield from found
        except DataError as error:
            if len(self._paths) == 1:
                raise
            self._put_aside(str(path), str(error))
            return
        if waiting:
            yield waiting

    def _num_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._paths)

    def _compute_fingerprint(self) -> str:
        return hash_files(list(self._paths))


def is_prose(path: Path) -> bool:
    """Return whether a file is plain text and no table: nothing separates cells in its lines.

    Args:
        path: A file.

    Raises:
        DataError: It cannot be read.
    """
    if content_suffix(path) not in SUFFIXES:
        return False
    with open_bytes(path) as stream:
        head = stream.read(SAMPLE_BYTES)
    if not head.strip() or b"\0" in head:
        return False
    found = sniff(head, SourceOptions(), suffix=".txt")
    return len(found.columns) == 1 and not is_word_columns(path)


def prose_reading(source: Any) -> dict[str, Any]:
    """Return the options that read a file of plain text as one running text; none for all else.

    Args:
        source: Whatever data is read from: a path, a frame, a mapping.

    Raises:
        DataError: A file cannot be read.
    """
    if not isinstance(source, (str, Path)):
        return {}
    path = Path(source).expanduser()
    return {"prose": True} if path.is_file() and is_prose(path) else {}


def _cut(text: str) -> tuple[list[str], str]:
    """Return the full passages of a text and what is left of it."""
    found, start = [], 0
    while len(text) - start > PASSAGE:
        end = text.rfind("\n", start, start + PASSAGE) + 1
        end = end if end > start else start + PASSAGE
        found.append(text[start:end])
        start = end
    return found, text[start:]
