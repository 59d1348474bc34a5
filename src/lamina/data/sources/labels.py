"""A table that names files of pictures or recordings, with labels and other columns beside them.

The table is given itself, or found in the folder of the pictures. Its column of file names is told
by looking which column names files that exist: from the table's folder, or from the folder below it
that holds them, with or without the suffix. That column becomes `image` or `sound`, absolute paths;
the others are kept. Files that are not there are put aside. Where a line is a box in a picture, it
is a table of boxes (`box_table.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import polars as pl

from lamina.core.errors import DataError, unknown_name
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.box_table import BoxTableSource, box_columns, corner_columns
from lamina.data.sources.csv import CsvSource
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.folder import list_files
from lamina.data.sources.names import is_picture, is_sound
from lamina.data.sources.streams import content_suffix

ROWS_LOOKED_AT = 200
"""Rows of the table that are compared with the files."""
_KINDS = {"image": "pictures", "sound": "recordings"}
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")


@dataclass(frozen=True, slots=True)
class FileColumn:
    """Which column of a table names files, and how."""

    name: str
    """The column."""
    folder: Path
    """Folder that the names are relative to."""
    suffix: str
    """What is to be added to a name, such as ".jpg", or nothing."""
    share: float
    """Share of the names looked at whose file exists."""
    column: str = "image"
    """Name of the column that it becomes: "image" or "sound"."""
    others: tuple[str, ...] = ()
    """Further columns that name files there, such as masks; they keep their names."""


@final
class LabelledFilesSource(AbstractSource):
    """Rows of a table whose pictures or recordings are files."""

    def __init__(self, table: Path, files: FileColumn, options: SourceOptions) -> None:
        super().__init__("labelled files", str(table))
        self._table = CsvSource(table, replace(options, file_column=None))
        self._files = files
        self._path = table
        shown = f" with {files.suffix!r} added" if files.suffix else ""
        self.notes.append(
            f"column {files.name!r} of {table.name} names pictures in {files.folder}{shown}"
        )

    def _pieces(self) -> Iterator[pl.DataFrame]:
        name, base, own = self._files.name, str(self._files.folder), self._files.column
        clash = own in self._table.columns() and name != own
        for frame in self._table.batches(1 << 14):
            if clash:
                frame = frame.drop(own)
            # A row whose file is missing stays, without an answer: the others keep their place.
            files = _located(frame[name], base, self._files.suffix).alias(own)
            others = [_located(frame[other], base, "") for other in self._files.others]
            yield frame.with_columns(others).drop(name).insert_column(0, files)
        self.problems.extend(self._table.problems)

    def _num_bytes(self) -> int:
        return self._path.stat().st_size + sum(path.stat().st_size for path in self._all_files())

    def _compute_fingerprint(self) -> str:
        return hash_files([self._path, *self._all_files()])

    def _all_files(self) -> list[Path]:
        frame = self.read()
        names = (self._files.column, *self._files.others)
        paths = [path for name in names for path in frame[name].drop_nulls().to_list()]
        return [Path(path) for path in paths if Path(path).is_file()]


def find_label_table(folder: Path, options: SourceOptions) -> AbstractSource | None:
    """Return the source of a table in a folder that names its pictures, or None.

    Args:
        folder: The folder.
        options: Settings for the table; `file_column` names the column of files.

    Raises:
        DataError: Several tables name the pictures, or `file_column` names no pictures.
    """
    folder = folder.absolute()
    files = list_files(folder)
    if not any(is_picture(path) or is_sound(path) for path in files):
        return None
    tables = [
        path for path in files if path.parent == folder and content_suffix(path) in TABLE_SUFFIXES
    ]
    found = [(table, open_label_table(table, options)) for table in tables]
    sources = [(table, source) for table, source in found if source is not None]
    if len(sources) > 1:
        names = ", ".join(table.name for table, _ in sources)
        raise DataError(
            f"{folder} holds {len(sources)} tables that name its pictures: {names}. Give the one "
            "wanted instead of the folder."
        )
    if not sources and options.file_column is not None:
        names = ", ".join(table.name for table in tables) or "no table"
        raise DataError(
            f"no table in {folder} has a column {options.file_column!r} that names pictures, got "
            f"{names}. Check the column's name."
        )
    return sources[0][1] if sources else None


def open_label_table(table: Path, options: SourceOptions) -> AbstractSource | None:
    """Return the source of a table that names picture files, or None if it names none.

    Args:
        table: A delimited text file.
        options: Settings for the table; `file_column` names the column of files.

    Raises:
        DataError: `file_column` is no column of the table.
    """
    plain = CsvSource(table, replace(options, file_column=None))
    try:
        start = plain.read(ROWS_LOOKED_AT)
    except DataError:
        if options.file_column is not None:
            raise
        return None
    names: Sequence[str] = start.columns
    if options.file_column is not None:
        if options.file_column not in names:
            raise DataError(unknown_name("column", options.file_column, names))
        names = [options.file_column]
    else:
        # Corners of boxes are numbers, which may be names of files by chance.
        corners = corner_columns(names) or ()
        names = [name for name in names if name not in corners]
    folders = _candidate_folders(table.absolute().parent)
    best = max(
        (_match(start[name], folder) for name in names for folder in folders),
        key=lambda match: match.share,
    )
    # Bare numbers may be names of files by chance, so a guessed suffix needs more agreement.
    needed = 0.9 if best.suffix else 0.5
    if best.share < (needed if options.file_column is None else 1e-9):
        _check_pictures_of_boxes(table, start)
        return None
    if best.column == "image" and box_columns(start.columns, best.name) is not None:
        return BoxTableSource(
            table,
            replace(options, file_column=None),
            file_column=best.name,
            folder=best.folder,
            suffix=best.suffix,
        )
    others = [_match(start[name], best.folder) for name in names if name != best.name]
    beside = tuple(m.name for m in others if m.share >= 0.5 and not m.suffix and m.name != "image")
    return LabelledFilesSource(table, replace(best, others=beside), options)


def _check_pictures_of_boxes(table: Path, start: pl.DataFrame) -> None:
    """Refuse a table of boxes whose pictures are not there: their corners say nothing alone."""
    named = [
        column
        for column in start.iter_columns()
        if box_columns(start.columns, column.name) is not None
        and (cells := column.drop_nulls().to_list())
        and all(map(is_picture, map(str, cells)))
    ]
    if named:
        raise DataError(
            f"{table} holds boxes in pictures that column {named[0].name!r} names, and "
            f"{named[0].drop_nulls()[0]!r} and others of them are not there. Names are those of "
            "files in the folder of the table or in a folder right below it: move the table, or "
            "mend the names."
        )


def _located(names: pl.Series, folder: str, suffix: str) -> pl.Series:
    """Return paths of files in a folder."""
    paths = [None if cell is None else str(Path(folder, cell + suffix)) for cell in names.to_list()]
    return pl.Series(names.name, paths, dtype=pl.String)


def _candidate_folders(folder: Path) -> list[Path]:
    """Return the table's folder and those directly below it."""
    below = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    return [folder, *below[:50]]


def _match(column: pl.Series, folder: Path) -> FileColumn:
    cells = [cell for cell in column.to_list() if cell and len(cell) < 256 and "\0" not in cell]
    if not cells:
        return FileColumn(column.name, folder, "", 0.0)
    suffix, kind = "", "image"
    if any(map(is_sound, cells)) and not any(map(is_picture, cells)):
        kind = "sound"
    elif not any(map(is_picture, cells)):
        suffix = _suffix_on_disk(cells, folder)
        if not suffix:
            return FileColumn(column.name, folder, "", 0.0)
        kind = "sound" if is_sound(suffix) or is_sound(f"x{suffix}") else "image"
    there = sum(Path(folder, cell + suffix).is_file() for cell in cells)
    return FileColumn(column.name, folder, suffix, there / len(cells), kind)


def _suffix_on_disk(cells: list[str], folder: Path) -> str:
    """Return the suffix of a picture or recording that has one of the first names, or nothing."""
    for suffix in (
        ".jpg",
        ".png",
        ".jpeg",
        ".tif",
        ".bmp",
        ".webp",
        ".JPG",
        ".PNG",
        ".wav",
        ".flac",
    ):
        if any(Path(folder, cell + suffix).is_file() for cell in cells[:3]):
            return suffix
    return ""
