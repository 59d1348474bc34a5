"""Mask: the class of every pixel of the picture beside it; a target.

What the codes in the files mean is learnt from training masks: indices or colours, the palette,
the names in a small file beside them, and which code stands for pixels of which nothing is known.
"""

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import InputSpec, Problem
from lamina.data.geometry import VOID
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.cells import as_text, share_of, without_missing
from lamina.data.modalities.image import PICTURE_ENDING, in_threads, whole_picture
from lamina.data.modalities.mask_classes import MOST_CLASSES, CountedMask, classes_of, counted
from lamina.data.modalities.mask_drawings import is_drawing
from lamina.data.modalities.mask_files import (
    MaskPixels,
    coloured,
    hex_of,
    orientation_of,
    read_mask,
    upright_size,
)
from lamina.data.modalities.mask_turns import ON_ITS_SIDE, turn_of, turned_cell
from lamina.data.pictures import pictures_of
from lamina.runtime.document import Fields
from lamina.runtime.framing import frame_of, on_ground
from lamina.runtime.masks import distinct_colours, laid_in
from lamina.runtime.modalities.image import framing_in

_SAMPLE = 1_000
_SHOWN_PROBLEMS = 20
_LOOKED_AT = 3


@final
@dataclass(frozen=True, kw_only=True)
class Mask(AbstractModality):
    """Fitted state of a column of masks."""

    name: ClassVar[str] = "mask"
    kind: ClassVar[str] = "mask"
    holds_files: ClassVar[bool] = True
    is_input: ClassVar[bool] = False

    classes: tuple[str, ...]
    """Names of the classes, in the order of their numbers."""
    codes: tuple[int, ...]
    """Code of each class in the files."""
    is_colour: bool
    """Whether codes are colours; else they are indices or grey values."""
    void: tuple[int, ...] = ()
    """Further codes that are known to mean nothing."""
    colours: tuple[int, ...] = ()
    """Colour of each class where masks are drawn."""
    shares: tuple[float, ...] = ()
    """Share of each class among the pixels of training masks that have one."""
    height: int = 0
    """Rows of the network's picture."""
    width: int = 0
    """Columns of the network's picture."""
    framing: str = "pad"
    """How the picture is brought in; seen in windows, masks stay at its own size."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like masks.

        Args:
            column: Raw cells.
            role: "input" or "target"; masks are targets only.
        """
        if role != "target":
            return Evidence(0.0, "masks are predicted, not given")
        if isinstance(column.dtype, pl.Array):
            is_flat = len(column.dtype.shape) == 2
            return Evidence(0.97 * is_flat, f"the cells are arrays of shape {column.dtype.shape}")
        if column.dtype == pl.String:
            text = without_missing(as_text(column)).drop_nulls()
            share = share_of(text.str.contains(PICTURE_ENDING) | text.str.starts_with("{"))
            if share < 0.95:
                return Evidence(0.0, "the cells name no picture files")
        elif column.dtype != pl.Binary:
            return Evidence(0.0, "the cells are no masks")
        some = column.drop_nulls().head(_LOOKED_AT).to_list()
        read = [one for one in map(read_mask, some) if isinstance(one, MaskPixels)]
        if column.dtype == pl.String and not read and text.str.contains(PICTURE_ENDING).all():
            # Names of files that are not there mean nothing else; reading them will tell.
            return Evidence(0.97, f"{share:.0%} of the cells end like names of picture files")
        counts = [len(np.unique(one.codes)) for one in read]
        if not counts or max(counts) > MOST_CLASSES + 1:
            return Evidence(0.0, "the pictures have too many different values to be masks")
        return Evidence(0.97, f"the files of the target hold {max(counts)} different values")

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the classes that training masks hold.

        Args:
            column: Raw cells of training rows.
            role: "target".
            options: `class_names` and `void`.

        Raises:
            DataError: It is to be an input, no mask can be read, or they hold too many values.
        """
        if role != "target":
            raise DataError(f"column {column.name!r} holds masks, which can only be predicted.")
        present = column.drop_nulls()
        sample = present.gather_every(max(1, math.ceil(len(present) / _SAMPLE)))
        found = in_threads(counted, _cells(sample))
        masks = [one for one in found if isinstance(one, CountedMask)]
        if not masks:
            problem = next((text for text in found if isinstance(text, str)), "no cell has one")
            raise DataError(
                f"no mask of column {column.name!r} could be read: {problem}. Check the files."
            )
        is_colour = any(mask.is_colour for mask in masks)
        counts: Counter[int] = Counter()
        for mask in masks:
            codes = coloured(mask.codes) if is_colour and not mask.is_colour else mask.codes
            counts.update(dict(zip(codes.tolist(), mask.counts.tolist())))
        known = classes_of(column, masks, counts, options, is_colour=is_colour)
        total = sum(counts[code] for code in known.values())
        palette = next((mask.palette for mask in masks if mask.palette), {})
        drawn = distinct_colours(len(known))
        return cls(
            classes=tuple(known),
            codes=tuple(known.values()),
            is_colour=is_colour,
            void=tuple(sorted(set(counts) - set(known.values()))),
            colours=tuple(
                code if is_colour else palette.get(code, own)
                for code, own in zip(known.values(), drawn)
            ),
            shares=tuple(counts[code] / max(1, total) for code in known.values()),
        )

    def beside(self, inputs: Sequence[AbstractModality]) -> Self:
        """Return the state with the size of the network's picture.

        Args:
            inputs: The fitted state of every input.

        Raises:
            DataError: There is not exactly one picture, or it is cut.
        """
        picture = whole_picture(inputs, what="masks", framings=("pad", "windows"))
        return dataclasses.replace(
            self, height=picture.height, width=picture.width, framing=picture.framing
        )

    def encode(self, column: pl.Series) -> Encoded:
        """Return uint8 [rows, height, width], the class of each pixel of the network's picture.

        Where pictures are seen in windows, masks stay at their own size. A mask without one known
        pixel fails its row. Values that training masks did not have count as void, and are told.

        Args:
            column: Raw cells, of any rows.
        """
        cells = _cells(column)
        is_cut = self.framing == "windows"
        shape = (0 if is_cut else len(cells), self.height, self.width)
        values = np.full(shape, VOID, dtype=np.uint8)
        kept: list[np.ndarray | None] = [None] * len(cells)
        failed = np.zeros(len(cells), dtype=bool)
        keys, numbers = self._table()

        def encode(row: int) -> str:
            mask = read_mask(cells[row])
            if isinstance(mask, str):
                failed[row] = True
                return mask
            codes = coloured(mask.codes) if self.is_colour and not mask.is_colour else mask.codes
            if mask.is_colour and not self.is_colour:
                failed[row] = True
                return "it has colours, while training masks have indices"
            height, width = codes.shape
            size = {"width": self.width, "height": self.height}
            frame = frame_of(width, height, **size)
            own = codes if is_cut else laid_in(codes, frame)
            place = np.searchsorted(keys, own).clip(max=len(keys) - 1)
            is_known = keys[place] == own
            classes = np.where(is_known, numbers[place], VOID).astype(np.uint8)
            if is_cut:
                kept[row] = classes
            else:
                values[row] = on_ground(classes, frame, **size, ground=VOID)
            if (classes == VOID).all():
                failed[row] = True
                return "no pixel of it has a class that training masks have"
            return "" if is_known.all() else self._strange(own[~is_known], own.size)

        told = in_threads(encode, range(len(cells)))
        rows = [row for row, text in enumerate(told) if text][:_SHOWN_PROBLEMS]
        where = [_where(cells[row]) for row in rows]
        problems = tuple(Problem(place, told[row]) for place, row in zip(where, rows))
        found = pictures_of(kept, ground=VOID) if is_cut else torch.from_numpy(values)
        return Encoded(found, torch.from_numpy(failed), problems, tuple(rows))

    def misfits(self, column: pl.Series, pictures: pl.Series) -> Mapping[int, str]:
        """Return what is wrong with masks that are of another size than their pictures, by row.

        Args:
            column: Raw cells of the masks.
            pictures: Raw cells of the pictures.
        """
        sizes = in_threads(upright_size, _cells(column))
        found = {}
        for row, size in enumerate(in_threads(upright_size, _cells(pictures))):
            own = sizes[row]
            if size is not None and own is not None and size != own:
                found[row] = (
                    f"the mask has {own[0]} × {own[1]} pixels, its picture {size[0]} × {size[1]}"
                )
        return found

    def turned(self, column: pl.Series, pictures: pl.Series) -> pl.Series:
        """Return masks that were drawn on pictures as they are stored as they lie on upright ones.

        Such a mask has width and height of its picture exchanged. Arrays are left as they are.

        Args:
            column: Raw cells of the masks.
            pictures: Raw cells of the pictures.
        """
        if isinstance(column.dtype, pl.Array):
            return column
        cells, beside = _cells(column), _cells(pictures)

        def turned(row: int) -> str | bytes | None:
            cell: str | bytes | None = cells[row]
            own, size = upright_size(cell), upright_size(beside[row])
            if cell is None or own is None or size is None or own != size[::-1] or own == size:
                return cell
            held = orientation_of(beside[row])
            return turned_cell(cell, held) if held in ON_ITS_SIDE else cell

        return pl.Series(column.name, in_threads(turned, range(len(cells))), dtype=column.dtype)

    def decode(self, values: Tensor) -> pl.Series:
        """Return the names of classes.

        Args:
            values: Their numbers.
        """
        return pl.Series([self.classes[place] for place in values.long().tolist()], dtype=pl.String)

    def show(self, cell: Any) -> str:
        """Return the name of the file or of the class, or the kind of the cell.

        Args:
            cell: A raw cell, or the name of a class.
        """
        if cell is None:
            return "missing"
        return Path(cell).name if isinstance(cell, str) and not is_drawing(cell) else "mask"

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of a mask that a network might be given.

        Args:
            column: Name of the column.
        """
        return InputSpec(column, "mask", (column,), (self.height, self.width))

    @property
    def output_size(self) -> int:
        """The classes."""
        return len(self.classes)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in dataclasses.fields(self)
            for value in (getattr(self, field.name),)
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "masks")
        classes = fields.texts("classes", least=2)
        codes = _integers(fields, "codes", len(classes))
        if len(set(codes)) != len(codes) or len(classes) > MOST_CLASSES:
            raise fields.refusal("codes", codes, "a code of its own for each of up to 255 classes")
        return cls(
            classes=classes,
            codes=codes,
            is_colour=fields.boolean("is_colour"),
            void=_integers(fields, "void", None),
            colours=_integers(fields, "colours", len(classes)),
            shares=fields.numbers("shares", count=len(classes)),
            height=fields.integer("height", least=0, most=1 << 14),
            width=fields.integer("width", least=0, most=1 << 14),
            # Older documents have none.
            framing=framing_in(fields) if "framing" in fields.names() else "pad",
        )

    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all known codes, rising, and the class of each."""
        void = [code for code in self.void if code not in self.codes]
        keys = np.array([*self.codes, *void], dtype=np.int32)
        numbers = np.array([*range(len(self.codes)), *[VOID] * len(void)], dtype=np.int32)
        order = np.argsort(keys)
        return keys[order], numbers[order]

    def _strange(self, codes: np.ndarray, size: int) -> str:
        values = np.unique(codes)
        shown = ", ".join(hex_of(int(v)) if self.is_colour else str(v) for v in values[:5])
        more = f" and {len(values) - 5} more" if len(values) > 5 else ""
        return (
            f"it has the values {shown}{more}, which no training mask has: {len(codes) / size:.1%} "
            "of its pixels count as void"
        )


def _where(cell: Any) -> str:
    """Return the file of a mask; "" where it is none."""
    turn = turn_of(cell)
    cell = cell if turn is None else turn[0]
    return cell if isinstance(cell, str) and not is_drawing(cell) else ""


def _cells(column: pl.Series) -> list[Any]:
    if isinstance(column.dtype, pl.Array):
        return [None if cell is None else np.asarray(cell) for cell in column]
    if column.dtype in (pl.Binary, pl.String):
        return column.to_list()
    raise DataError(
        f"column {column.name!r} holds {column.dtype} cells, which are no masks. Give paths, bytes "
        "or arrays."
    )


def _integers(fields: Fields, key: str, count: int | None) -> tuple[int, ...]:
    found = fields.items(key)
    if any(type(one) is not int for one in found) or count not in (None, len(found)):
        raise fields.refusal(key, found, f"{'' if count is None else count} integers")
    return found
