"""A table of boxes: a line per box, with the picture's file, the corners and the class.

    path,x0,y0,x1,y1,class        filename,width,height,class,xmin,ymin,xmax,ymax

Lines of one picture are joined, in the order in which pictures first come. A line without corners
and class stands for a picture without boxes. A column `split` is kept. Corners are pixels of the
picture, or of the size that columns `width` and `height` state.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import final

import polars as pl
from typing_extensions import override

from lamina.data.modalities.cells import as_text
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.boxes import AbstractBoxSource, Annotated, RawBox
from lamina.data.sources.csv import CsvSource

CORNERS = (
    ("x0", "y0", "x1", "y1"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
)
"""Names that columns of corners have, in lower case."""

EXTENTS = (("x", "y", "w", "h"), ("bbox_x", "bbox_y", "bbox_width", "bbox_height"))
"""The same for a corner with width and height."""

_CLASSES = ("class", "label", "category", "name", "class_name", "label_name")


@final
class BoxTableSource(AbstractBoxSource):
    """Boxes in a delimited text file.

    Args:
        table: The file.
        options: Settings of the table.
        file_column: The column that names pictures.
        folder: Folder that the names are relative to.
        suffix: What is to be added to a name, such as ".jpg", or nothing.
    """

    def __init__(
        self, table: Path, options: SourceOptions, *, file_column: str, folder: Path, suffix: str
    ) -> None:
        super().__init__("table of boxes", str(table))
        self._path = table
        self._file_column, self._folder, self._suffix = file_column, folder, suffix
        self._table = CsvSource(table, options)
        columns = box_columns(self._table.columns(), file_column)
        assert columns is not None, "only tables of boxes get here"
        self._columns = columns
        self.notes.append(
            f"a box per line: {', '.join(columns)} of pictures that {file_column!r} names"
        )

    @property
    @override
    def _has_split(self) -> bool:
        return "split" in self._table.columns()

    @override
    def _annotation_files(self) -> Sequence[Path]:
        return [self._path]

    @override
    def _annotated(self) -> Iterator[Annotated]:
        frame = self._table.read()
        self.problems.extend(self._table.problems)
        names = as_text(frame[self._file_column]).to_list()
        texts = as_text(frame[self._columns[4]]).to_list()
        numbers = [_numbers(frame[name]) for name in self._columns[:4]]
        splits = (
            frame["split"].cast(pl.String).to_list() if self._has_split else [None] * len(names)
        )
        sizes = _sizes(frame)
        lines: dict[str, list[int]] = {}
        for line, name in enumerate(names):
            if name is None:
                self._put_aside(f"{self._path.name}, row {line + 1}", "names no picture")
            else:
                lines.setdefault(name, []).append(line)
        is_extent = tuple(name.strip().lower() for name in self._columns[:4]) in EXTENTS
        for name, own in lines.items():
            boxes = []
            for line in own:
                corners = [column[line] for column in numbers]
                if texts[line] is None and all(number != number for number in corners):
                    continue
                if texts[line] is None:
                    self._put_aside(f"{self._path.name}, row {line + 1}", "has a box but no class")
                    continue
                if is_extent:
                    corners[2:] = [corners[0] + corners[2], corners[1] + corners[3]]
                boxes.append(RawBox(texts[line], (corners[0], corners[1], corners[2], corners[3])))
            yield Annotated(
                Path(self._folder, name + self._suffix),
                tuple(boxes),
                f"{self._path.name}, {name}",
                size=sizes[own[0]],
                split=splits[own[0]],
            )


def box_columns(names: Sequence[str], file_column: str) -> tuple[str, str, str, str, str] | None:
    """Return the columns of four corners (or a corner and the extent) and the class, or None.

    Args:
        names: Columns of a table.
        file_column: The one that names pictures.
    """
    lowered = _lowered(names)
    kind = next((lowered[c] for c in _CLASSES if c in lowered and lowered[c] != file_column), None)
    four = corner_columns(names)
    return None if kind is None or four is None else (*four, kind)


def corner_columns(names: Sequence[str]) -> tuple[str, str, str, str] | None:
    """Return the columns of four corners, or of a corner and the extent, or None.

    Args:
        names: Columns of a table.
    """
    lowered = _lowered(names)
    for first, second, third, fourth in (*CORNERS, *EXTENTS):
        if all(name in lowered for name in (first, second, third, fourth)):
            return lowered[first], lowered[second], lowered[third], lowered[fourth]
    return None


def _lowered(names: Sequence[str]) -> Mapping[str, str]:
    return {name.strip().lower(): name for name in names}


def _numbers(column: pl.Series) -> list[float]:
    found = column.cast(pl.Float64, strict=False) if column.dtype != pl.Boolean else None
    if found is None:
        return [float("nan")] * len(column)
    return found.fill_null(float("nan")).to_list()


def _sizes(frame: pl.DataFrame) -> list[tuple[int, int] | None]:
    if not {"width", "height"} <= set(frame.columns):
        return [None] * frame.height
    pairs = zip(_numbers(frame["width"]), _numbers(frame["height"]))
    return [(round(w), round(h)) if w >= 1 and h >= 1 else None for w, h in pairs]
