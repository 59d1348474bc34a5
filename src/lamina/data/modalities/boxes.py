"""Boxes: what lies where in the picture of a row.

A cell is a list of structs with label, x0, y0, x1, y1 in pixels of the picture, and the picture's
width and height (see `data/sources/boxes.py`); an empty list is a picture without boxes. Encoded to
boxes of the network's picture, classes by number; of a class that training never showed, the
number is that behind the last.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import InputSpec, Problem
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.image import whole_picture
from lamina.data.ragged import Ragged
from lamina.runtime.document import Fields
from lamina.runtime.framing import frame_of

FIELDS = ("label", "x0", "y0", "x1", "y1", "width", "height")
"""What each struct of a cell has."""

_MOST_CLASSES = 1_000
_SHOWN_PROBLEMS = 20
_SHOWN_BOXES = 5


@final
@dataclass(frozen=True, kw_only=True)
class Boxes(AbstractModality):
    """Fitted state of a column of boxes."""

    name: ClassVar[str] = "boxes"
    kind: ClassVar[str] = "boxes"
    is_input: ClassVar[bool] = False

    classes: tuple[str, ...]
    """Names of the classes, in the order of their numbers."""
    counts: tuple[int, ...]
    """Training boxes of each."""
    height: int = 0
    """Rows of the network's picture."""
    width: int = 0
    """Columns of the network's picture."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like boxes.

        Args:
            column: Raw cells.
            role: "input" or "target"; boxes as inputs are left out.
        """
        del role
        if not _has_fields(column.dtype):
            return Evidence(0.0, "the cells are no lists of boxes")
        count = int(column.list.len().sum() or 0)
        return Evidence(1.0, f"{len(column):,} cells hold {count:,} boxes")

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the classes of training boxes.

        Args:
            column: Raw cells of training rows.
            role: "target".
            options: Not used.

        Raises:
            DataError: It is to be an input, holds no boxes, or too many classes.
        """
        del options
        if role != "target":
            raise DataError(f"column {column.name!r} holds boxes, which can only be predicted.")
        if not _has_fields(column.dtype):
            raise DataError(
                f"target {column.name!r} holds {column.dtype}, and boxes are lists of structs with "
                f"{', '.join(FIELDS)}. Give a folder in the layout of Pascal VOC, COCO or YOLO, or "
                "a table of boxes."
            )
        labels = column.explode().drop_nulls().struct.field("label").cast(pl.String)
        counted = labels.drop_nulls().alias("label").value_counts(name="times").sort("label")
        if not counted.height:
            raise DataError(
                f"no training picture of column {column.name!r} has a box. Check the annotations "
                "and the problems that reading told."
            )
        if counted.height > _MOST_CLASSES:
            raise DataError(
                f"target {column.name!r} has {counted.height:,} classes of boxes, more than "
                f"{_MOST_CLASSES:,}. Merge rare ones."
            )
        return cls(
            classes=tuple(counted["label"].to_list()), counts=tuple(counted["times"].to_list())
        )

    def beside(self, inputs: Sequence[AbstractModality]) -> Self:
        """Return the state with the size of the network's picture.

        Args:
            inputs: The fitted state of every input.

        Raises:
            DataError: There is not exactly one picture, or it is cut.
        """
        picture = whole_picture(inputs, what="boxes")
        return dataclasses.replace(self, height=picture.height, width=picture.width)

    def encode(self, column: pl.Series) -> Encoded:
        """Return `Ragged` float32 [boxes, 5]: class and corners in the network's picture.

        A missing cell fails; an empty list does not. A box whose picture's size or corners are
        unknown is left out and told.

        Args:
            column: Raw cells, of any rows.

        Raises:
            DataError: They are no lists of boxes.
        """
        if column.dtype != pl.Null and not _has_fields(column.dtype):
            raise DataError(
                f"column {column.name!r} holds {column.dtype}, and boxes are lists of structs with "
                f"{', '.join(FIELDS)}."
            )
        cells = column.to_list()
        numbers = {name: place for place, name in enumerate(self.classes)}
        rows: list[list[tuple[float, ...]]] = []
        problems: list[Problem] = []
        places: list[int] = []
        for row, cell in enumerate(cells):
            own = [self._placed(box, numbers) for box in cell or ()]
            rows.append([box for box in own if box is not None])
            if len(rows[-1]) < len(own) and len(problems) < _SHOWN_PROBLEMS:
                what = f"{len(own) - len(rows[-1])} boxes without corners or size were left out"
                problems.append(Problem("", what))
                places.append(row)
        lengths = np.array([len(own) for own in rows], dtype=np.int64)
        flat = np.array([box for own in rows for box in own], dtype=np.float32).reshape(-1, 5)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        values = Ragged(torch.from_numpy(flat), torch.from_numpy(offsets))
        failed = torch.tensor([cell is None for cell in cells], dtype=torch.bool)
        return Encoded(values, failed, tuple(problems), tuple(places))

    def _placed(
        self, box: Mapping[str, Any] | None, numbers: Mapping[str, int]
    ) -> tuple[float, ...] | None:
        """Return class and corners of a box, or None where it says too little."""
        if box is None or any(box.get(name) is None for name in FIELDS):
            return None
        width, height = int(box["width"]), int(box["height"])
        corners = np.array([float(box[name]) for name in FIELDS[1:5]])
        if width < 1 or height < 1 or not np.isfinite(corners).all():
            return None
        if corners[0] >= corners[2] or corners[1] >= corners[3]:
            return None
        frame = frame_of(width, height, width=self.width, height=self.height)
        place = numbers.get(str(box["label"]), len(self.classes))
        return (float(place), *frame.into(corners.reshape(2, 2)).ravel().tolist())

    def decode(self, values: Tensor) -> pl.Series:
        """Return the names of classes.

        Args:
            values: Their numbers.
        """
        return pl.Series([self.classes[place] for place in values.long().tolist()], dtype=pl.String)

    def show(self, cell: Any) -> str:
        """Return what is in a cell: how many boxes of which class.

        Args:
            cell: A raw cell, or the name of a class.
        """
        if cell is None:
            return "missing"
        if isinstance(cell, str):
            return cell
        counts: dict[str, int] = {}
        for box in cell:
            counts[str(box["label"])] = counts.get(str(box["label"]), 0) + 1
        shown = [f"{count} {name}" for name, count in list(counts.items())[:_SHOWN_BOXES]]
        more = " and others" if len(counts) > _SHOWN_BOXES else ""
        return ", ".join(shown) + more or "no boxes"

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of boxes that a network might be given.

        Args:
            column: Name of the column.
        """
        return InputSpec(column, "boxes", (column,), (5,))

    @property
    def output_size(self) -> int:
        """The classes."""
        return len(self.classes)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "classes": list(self.classes),
            "counts": list(self.counts),
            "height": self.height,
            "width": self.width,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "boxes")
        classes = fields.texts("classes", least=1)
        counts = fields.numbers("counts", count=len(classes))
        return cls(
            classes=classes,
            counts=tuple(int(count) for count in counts),
            height=fields.integer("height", least=0, most=1 << 14),
            width=fields.integer("width", least=0, most=1 << 14),
        )


def _has_fields(kind: pl.DataType) -> bool:
    """Return whether cells are lists of structs with all that a box has."""
    if not isinstance(kind, pl.List) or not isinstance(kind.inner, pl.Struct):
        return False
    return set(FIELDS) <= {field.name for field in kind.inner.fields}
