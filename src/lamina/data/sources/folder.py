"""A folder of pictures, recordings or texts, with one sub-folder per class, or without classes.

    photos/cat/1.jpg                 → image, label
    photos/train/cat/1.jpg           → image, label, split
    photos/1.jpg                     → image
    reviews/train/pos/1.txt          → text, label, split
    faces/happy/S005_001_11.png      → image, label, subject

The class is the first folder below the root (or below `train`, `test`, …), however deep the file
lies; whose file it is may stand in its name (see `subjects.py`). Rows are ordered by path, so that
the order does not depend on the file system. Pictures go before recordings, and recordings before
texts; whatever is of another kind is listed in `problems`.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.encoding import TextReader
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.names import is_picture, is_sound, part_of_split
from lamina.data.sources.streams import missing
from lamina.data.sources.subjects import subjects_of

ROWS_PER_PIECE = 1024
"""Texts read at a time."""

SUBJECT = "subject"
"""Column of whose file it is."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One file of a folder with what its place says."""

    path: Path
    label: str | None
    split: str | None


@final
class FolderSource(AbstractSource):
    """Pictures, recordings or texts of a folder, labelled by their sub-folders."""

    def __init__(self, folder: Path, options: SourceOptions | None = None) -> None:
        super().__init__("folder", str(folder))
        self._folder = folder.absolute()
        self._encoding = (options or SourceOptions()).encoding
        files = list_files(self._folder)
        pictures = [path for path in files if is_picture(path)]
        sounds = [] if pictures else [path for path in files if is_sound(path)]
        texts = [path for path in files if path.suffix.lower() == ".txt"]
        self._kind = "picture" if pictures else "recording" if sounds else "text"
        self._is_text = self._kind == "text"
        wanted = pictures or sounds or texts
        if not wanted:
            raise DataError(_nothing_in(self._folder, files))
        chosen = set(wanted)
        self._others = [path for path in files if path not in chosen]
        self._rows, self._strays = self._sort_out(wanted)
        self._num_rows = len(self._rows)
        self._subjects = self._find_subjects()
        self._describe_layout()

    @property
    def group(self) -> str | None:
        """The subjects, where names of files say them and no folder says the split."""
        return SUBJECT if self._subjects else None

    def _find_subjects(self) -> dict[Path, str]:
        """Return whose each file is; {} where names do not say it, or it does not matter."""
        first = self._rows[0]
        if self._is_text or first.label is None or first.split is not None:
            return {}
        names = [row.path.stem for row in self._rows]
        found = subjects_of(names, [row.label for row in self._rows])
        return dict(zip((row.path for row in self._rows), found)) if found else {}

    def _sort_out(self, paths: Sequence[Path]) -> tuple[list[_Found], list[Path]]:
        """Give each file its class and split; files beside the class folders belong to none."""
        places = [path.relative_to(self._folder).parts for path in paths]
        while _is_wrapped(places):
            places = [place[1:] for place in places]
        parts = [part_of_split(place[0]) if len(place) > 1 else None for place in places]
        is_split = any(parts) and all(
            part is not None for part, place in zip(parts, places) if len(place) > 1
        )
        found, strays = [], []
        depth = 1 if is_split else 0
        has_labels = len({place[depth] for place in places if len(place) > depth + 1}) > 1
        for path, place, part in zip(paths, places, parts):
            below = place[depth:]
            if (is_split and part is None) or (has_labels and len(below) < 2):
                strays.append(path)
            else:
                label = below[0] if has_labels else None
                found.append(_Found(path, label, part if is_split else None))
        return found, strays

    def _describe_layout(self) -> None:
        classes = {row.label for row in self._rows}
        splits = sorted({row.split for row in self._rows if row.split})
        note = f"{len(self._rows):,} {self._kind}s"
        if None not in classes:
            note += f" in {len(classes)} class folder{'s' * (len(classes) != 1)}"
        if splits:
            note += f"; folders give the split ({', '.join(splits)})"
        if self._subjects:
            count = len(set(self._subjects.values()))
            note += f"; names of files say whose they are ({count:,} subjects)"
        self.notes.append(note)

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for path in self._strays:
            self._put_aside(str(path), "lies beside the class folders and so has no class")
        for path in self._others:
            self._put_aside(str(path), f"is no {self._kind} file and was left out")
        step = ROWS_PER_PIECE if self._is_text else max(1, len(self._rows))
        for start in range(0, len(self._rows), step):
            rows = self._rows[start : start + step]
            yield self._to_frame(rows)

    def _to_frame(self, rows: list[_Found]) -> pl.DataFrame:
        if self._is_text:
            texts = [self._read_text(row.path) for row in rows]
            columns = [pl.Series("text", texts, dtype=pl.String)]
        else:
            name = "image" if self._kind == "picture" else "sound"
            columns = [pl.Series(name, [str(row.path) for row in rows], dtype=pl.String)]
        if self._rows[0].label is not None:
            columns.append(pl.Series("label", [row.label for row in rows], dtype=pl.String))
        if self._rows[0].split is not None:
            columns.append(pl.Series("split", [row.split for row in rows], dtype=pl.String))
        if self._subjects:
            subjects = [self._subjects[row.path] for row in rows]
            columns.append(pl.Series(SUBJECT, subjects, dtype=pl.String))
        frame = pl.DataFrame(columns)
        return frame.filter(pl.col("text").is_not_null()) if self._is_text else frame

    def _read_text(self, path: Path) -> str | None:
        try:
            with path.open("rb") as stream:
                reader = TextReader(stream, str(path), self._encoding)
                text = b"".join(block.data for block in reader.blocks()).decode()
        except (OSError, UnicodeDecodeError, DataError) as error:
            self._put_aside(str(path), f"cannot be read as text ({error})")
            return None
        if reader.guess:
            self._put_aside(str(path), reader.guess)
        return text

    def _num_bytes(self) -> int:
        return sum(row.path.stat().st_size for row in self._rows)

    def _compute_fingerprint(self) -> str:
        return hash_files([row.path for row in self._rows], root=self._folder)


@final
class PictureSource(AbstractSource):
    """Single files of pictures, or of recordings, without labels.

    Args:
        paths: The files.
        column: Name of their column, "image" or "sound".
    """

    def __init__(self, paths: Sequence[Path], *, column: str = "image") -> None:
        first = str(paths[0])
        self._column = column
        super().__init__(
            "pictures" if column == "image" else "recordings",
            first if len(paths) == 1 else f"{first}, …",
        )
        for path in paths:
            if not path.exists():
                raise DataError(missing(path))
        self._paths = [path.absolute() for path in paths]
        self._num_rows = len(paths)

    def _pieces(self) -> Iterator[pl.DataFrame]:
        names = [str(path) for path in self._paths]
        yield pl.DataFrame({self._column: names}, schema={self._column: pl.String})

    def _num_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._paths)

    def _compute_fingerprint(self) -> str:
        return hash_files(self._paths)


def list_files(folder: Path) -> list[Path]:
    """Return all files below a folder, ordered by path; hidden ones are left out.

    Args:
        folder: The folder.
    """
    found = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        found += [Path(root, name) for name in files if not _is_hidden(name)]
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def _is_wrapped(places: list[tuple[str, ...]]) -> bool:
    """Return whether all files lie in one folder that stands for nothing, such as "images"."""
    first = {place[0] for place in places}
    is_deep = all(len(place) > 1 for place in places)
    return is_deep and len(first) == 1 and part_of_split(first.pop()) is None


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX")) or name in ("Thumbs.db", "desktop.ini")


def _nothing_in(folder: Path, files: list[Path]) -> str:
    if not files:
        return f"the folder {folder} is empty. Give a folder with pictures, or a file."
    names = ", ".join(str(path.relative_to(folder)) for path in files[:3])
    more = f" and {len(files) - 3:,} more" if len(files) > 3 else ""
    return (
        f"the folder {folder} holds no pictures, no recordings and no .txt files, got "
        f"{names}{more}. Give one of these files, or a pattern such as 'folder/*.csv'."
    )
