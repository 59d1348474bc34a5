"""Folders of tagged sentences in two files whose lines belong together: `seq.in` and `seq.out`.

    seq.in    i want to fly from boston              → words
    seq.out   O O O O O B-fromloc.city_name          → tags

Each line is a sentence, words and tags are parted by blanks. The folder holds both files, or
folders "train", "valid" and "test" that do, whose names give the split. Lines with more words than
tags, or fewer, are put aside.

Format: Goo et al. 2018, "Slot-gated modeling for joint slot filling and intent prediction" (its
ATIS and SNIPS).
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.names import part_of_split
from lamina.data.sources.streams import open_bytes

_WORDS, _TAGS = "seq.in", "seq.out"
_ROWS_PER_PIECE = 4_096


@final
class WordPairSource(AbstractSource):
    """Tagged sentences of one folder, or of one folder per part.

    Args:
        folders: By folder: the part of the split that its name gives, or None.
    """

    def __init__(self, folders: Mapping[Path, str | None]) -> None:
        first = next(iter(folders))
        super().__init__("tagged sentences", str(first.parent if len(folders) > 1 else first))
        self._folders = dict(folders)
        self.notes.append(f"a sentence per line, its words in {_WORDS}, their tags in {_TAGS}")

    @property
    def target(self) -> str:
        """The tags."""
        return "tags"

    @property
    def modalities(self) -> Mapping[str, str]:
        """Words are words, and tags are tags of them."""
        return {"words": "words", "tags": "tag_sequence"}

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for folder, part in self._folders.items():
            rows: list[tuple[list[str], list[str]]] = []
            for row in self._rows(folder):
                rows.append(row)
                if len(rows) == _ROWS_PER_PIECE:
                    yield self._frame(rows, part)
                    rows = []
            if rows:
                yield self._frame(rows, part)

    def _frame(self, rows: list[tuple[list[str], list[str]]], part: str | None) -> pl.DataFrame:
        kind = pl.List(pl.String)
        columns = [
            pl.Series("words", [words for words, _ in rows], dtype=kind),
            pl.Series("tags", [tags for _, tags in rows], dtype=kind),
        ]
        if len(self._folders) > 1:
            columns.append(pl.Series("split", [part] * len(rows), dtype=pl.String))
        return pl.DataFrame(columns)

    def _rows(self, folder: Path) -> Iterator[tuple[list[str], list[str]]]:
        with open_bytes(folder / _WORDS) as words, open_bytes(folder / _TAGS) as tags:
            for number, (first, second) in enumerate(zip_longest(words, tags), 1):
                if first is None or second is None:
                    short = _WORDS if first is None else _TAGS
                    raise DataError(
                        f"{folder / short} ends after {number - 1:,} lines, before the other file. "
                        "Give files whose lines belong together."
                    )
                pair = (
                    first.decode("utf-8", "replace").split(),
                    second.decode("utf-8", "replace").split(),
                )
                if len(pair[0]) != len(pair[1]):
                    counts = f"{len(pair[0])} words and {len(pair[1])} tags"
                    self._put_aside(f"{folder}, line {number}", f"has {counts}")
                elif pair[0]:
                    yield pair

    def _num_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._files())

    def _files(self) -> list[Path]:
        return [folder / name for folder in self._folders for name in (_WORDS, _TAGS)]

    def _compute_fingerprint(self) -> str:
        return hash_files(self._files())


def find_word_pairs(folder: Path) -> dict[Path, str | None]:
    """Return the folders that hold both files, each with its part of the split; {} for none.

    Args:
        folder: The folder itself, or that of a folder per part.
    """
    if _holds_both(folder):
        return {folder: None}
    order = {"train": 0, "validation": 1, "test": 2}
    parts = {path: part_of_split(path.name) for path in sorted(folder.iterdir()) if path.is_dir()}
    found = {path: part for path, part in parts.items() if part and _holds_both(path)}
    if "train" not in found.values():
        return {}
    return dict(sorted(found.items(), key=lambda pair: order[pair[1] or "train"]))


def _holds_both(folder: Path) -> bool:
    return (folder / _WORDS).is_file() and (folder / _TAGS).is_file()
