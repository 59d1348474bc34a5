"""Files of series from the UCR and UEA archives: `.ts`, and tables whose first column is the class.

    GunPoint_TRAIN.ts                    → series, label
    GunPoint/ with _TRAIN and _TEST      → series, label, split
    Adiac_TRAIN, Adiac_TRAIN.tsv         → series, label

A `.ts` file says in its head what it holds; each further line is one sample, its channels parted by
colons, the label last. A series of several channels becomes a list of steps, each a list of
channels. A table of numbers is taken for series only where its name ends in `_TRAIN` or `_TEST`, as
in the archive, and no line of it names columns. Lines that cannot be read are put aside.

Format: Löning et al. 2019, "sktime: a unified interface for machine learning with time series",
arXiv:1909.07872, file format `.ts`; Dau et al. 2018, "The UCR time series archive",
arXiv:1810.07758.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.names import split_from_name
from lamina.data.sources.streams import COMPRESSED_SUFFIXES, content_suffix, open_bytes

ROWS_PER_PIECE = 1024
"""Series read at a time."""

_UCR_NAME = re.compile(r".+_(train|test)$", re.I)
_TEXT_SUFFIXES = ("", ".tsv", ".csv", ".txt")
_GAP = re.compile(r"[,\s]+")
_MISSING = ("?", "nan", "")
_LEAST_STEPS = 8
_Line = tuple[list[list[float]], str]


@dataclass(frozen=True, slots=True)
class _Head:
    """What is known of a file before its first series."""

    is_ts: bool
    has_labels: bool
    is_number: bool
    num_channels: int
    num_lines: int


@final
class SeriesFileSource(AbstractSource):
    """Series of one file, or of the two files of an archive's folder.

    Args:
        paths: The files.
        is_folder: Whether their names give the split.
    """

    def __init__(self, paths: Sequence[Path], *, is_folder: bool = False) -> None:
        where = paths[0].parent if is_folder else paths[0]
        super().__init__("series", str(where))
        self._paths = [path.absolute() for path in paths]
        self._heads = [_head(path) for path in self._paths]
        self._is_folder = is_folder
        first = self._heads[0]
        for path, head in zip(self._paths, self._heads):
            same = (head.has_labels, head.is_number, head.num_channels > 1)
            if same != (first.has_labels, first.is_number, first.num_channels > 1):
                raise DataError(
                    f"{self._paths[0].name} and {path.name} hold different series: channels or "
                    "labels differ. Give files that belong together."
                )
        several = f"{first.num_channels} channels" if first.num_channels > 1 else "one channel"
        self.notes.append(f"series of {several}, {'.ts' if first.is_ts else 'label first'}")

    @property
    def target(self) -> str | None:
        """The label, where the files have one."""
        return "label" if self._heads[0].has_labels else None

    @property
    def modalities(self) -> Mapping[str, str]:
        """Series are series, and labels classes, however they are written."""
        known = {"series": "series"}
        if self._heads[0].has_labels and not self._heads[0].is_number:
            known["label"] = "category"
        return known

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for path, head in zip(self._paths, self._heads):
            named = split_from_name(_stem(path)) if self._is_folder else None
            series: list[list[list[float]]] = []
            labels: list[str] = []
            for channels, label in self._lines(path, head):
                series.append(channels)
                labels.append(label)
                if len(series) == ROWS_PER_PIECE:
                    yield self._frame(series, labels, head, named[1] if named else None)
                    series, labels = [], []
            if series:
                yield self._frame(series, labels, head, named[1] if named else None)

    def _frame(
        self, series: list[list[list[float]]], labels: list[str], head: _Head, part: str | None
    ) -> pl.DataFrame:
        if head.num_channels == 1:
            cells = pl.Series("series", [_cells(one[0]) for one in series], pl.List(pl.Float64))
        else:
            steps = [_cells_of_steps(one) for one in series]
            cells = pl.Series("series", steps, pl.List(pl.List(pl.Float64)))
        columns = [cells]
        if head.has_labels:
            found = pl.Series("label", labels, dtype=pl.String)
            columns.append(found.cast(pl.Float64, strict=False) if head.is_number else found)
        if part is not None:
            columns.append(pl.Series("split", [part] * len(series), dtype=pl.String))
        return pl.DataFrame(columns)

    def _lines(self, path: Path, head: _Head) -> Iterator[_Line]:
        with open_bytes(path) as stream:
            for number, line in enumerate(_texts(stream), 1):
                if number <= head.num_lines or not line or line.startswith("#"):
                    continue
                try:
                    yield _ts_line(line, head) if head.is_ts else _table_line(line)
                except ValueError as error:
                    self._put_aside(f"{path}, line {number}", str(error))

    def _num_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._paths)

    def _compute_fingerprint(self) -> str:
        return hash_files(self._paths)


def is_series_file(path: Path) -> bool:
    """Return whether a file is one of series: `.ts`, or a table of the UCR archive.

    Args:
        path: The file.
    """
    suffix = content_suffix(path)
    if suffix == ".ts":
        return True
    if suffix not in _TEXT_SUFFIXES and _UCR_NAME.match(path.name) is None:
        return False
    if _UCR_NAME.match(_stem(path)) is None:
        return False
    with open_bytes(path) as stream:
        first = next((line for line in _texts(stream) if line), "")
    words = _GAP.split(first)
    return len(words) > _LEAST_STEPS and all(_number(word) is not None for word in words)


def find_series_files(folder: Path) -> list[Path]:
    """Return the training and the test file of an archive's folder, or nothing.

    Args:
        folder: The folder.
    """
    named = [p for p in sorted(folder.iterdir()) if p.is_file() and _UCR_NAME.match(_stem(p))]
    for kind in (".ts", *_TEXT_SUFFIXES):
        found = [path for path in named if content_suffix(path) == kind and is_series_file(path)]
        parts = [split_from_name(_stem(path)) for path in found]
        if sorted(part[1] for part in parts if part) == ["test", "train"]:
            return sorted(found, key=lambda path: "train" not in _stem(path).lower())
    return []


def _head(path: Path) -> _Head:
    if content_suffix(path) != ".ts":
        return _Head(False, True, False, 1, 0)
    said: dict[str, list[str]] = {}
    with open_bytes(path) as stream:
        for number, line in enumerate(_texts(stream), 1):
            if line.lower().startswith("@data"):
                break
            if line.startswith("@"):
                words = line[1:].split()
                said[words[0].lower() if words else ""] = words[1:]
            elif line and not line.startswith("#"):
                raise DataError(
                    f"{path}, line {number}, stands before @data and is neither a comment nor a "
                    "line of the head. Check that it is a .ts file of series."
                )
        else:
            raise DataError(f"{path} has no line @data, so it is no .ts file of series.")
        first = next((text for text in _texts(stream) if text and not text.startswith("#")), "")
    if _is_true(said, "timestamps"):
        raise DataError(
            f"{path} has time stamps beside its values, which are not read. Write the values alone."
        )
    has_classes, has_numbers = _is_true(said, "classlabel"), _is_true(said, "targetlabel")
    has_labels = has_classes or has_numbers
    num_channels = max(1, first.count(":") + 1 - has_labels)
    return _Head(True, has_labels, has_numbers, num_channels, number)


def _is_true(said: dict[str, list[str]], name: str) -> bool:
    return bool(said.get(name)) and said[name][0].lower() == "true"


def _ts_line(line: str, head: _Head) -> _Line:
    parts = line.split(":")
    label = parts.pop().strip() if head.has_labels else ""
    if len(parts) != head.num_channels:
        raise ValueError(f"has {len(parts)} channels, and the others have {head.num_channels}")
    return [_values(part.split(",")) for part in parts], label


def _table_line(line: str) -> _Line:
    words = _GAP.split(line)
    label = words[0]
    number = _number(label)
    # Old files write classes as 1.0000000e+00.
    if number is not None and number.is_integer():
        label = str(int(number))
    values = _values(words[1:])
    while values and math.isnan(values[-1]):  # shorter series end in marks of missing values
        values.pop()
    return [values], label


def _values(words: list[str]) -> list[float]:
    values = []
    for word in words:
        number = _number(word.strip())
        if number is None:
            raise ValueError(f"holds {word.strip()[:40]!r}, which is no number")
        values.append(number)
    return values


def _number(word: str) -> float | None:
    try:
        return math.nan if word.lower() in _MISSING else float(word)
    except ValueError:
        return None


def _cells(values: list[float]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values]


def _cells_of_steps(channels: list[list[float]]) -> list[list[float | None]]:
    longest = max(map(len, channels))
    padded = [_cells(own) + [None] * (longest - len(own)) for own in channels]
    return [list(step) for step in zip(*padded)]


def _texts(stream: BinaryIO) -> Iterator[str]:
    return (line.decode("utf-8", "replace").strip() for line in stream)


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (*COMPRESSED_SUFFIXES, ".ts", *_TEXT_SUFFIXES[1:]):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name
