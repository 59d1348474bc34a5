"""What all sources of boxes share: the table they give, and what is repaired on the way.

    image (path), boxes (list of boxes), perhaps split

A box is a struct of label, x0, y0, x1, y1 in pixels of the upright picture, and the width and
height of that picture, so that a cell stands for itself. A picture without boxes keeps its row,
with an empty list. Corners in the wrong order are exchanged and what hangs over the border is cut
off; boxes without an area, outside the picture or with coordinates that are no numbers are left
out. Both are told as problems.
"""

import math
import warnings
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import polars as pl
from PIL import Image as Pillow
from typing_extensions import override

from lamina.data.sources.base import AbstractSource
from lamina.data.sources.cells import BOX
from lamina.data.sources.fingerprint import hash_files

ROWS_PER_PIECE = 1_024
"""Pictures whose boxes are read at a time."""

_ORIENTATION = 0x0112  # the EXIF tag
_TURNED = (5, 6, 7, 8)  # orientations that exchange width and height


@dataclass(frozen=True, slots=True)
class RawBox:
    """One box as a file has it."""

    label: str
    """Its class."""
    corners: tuple[float, float, float, float]
    """x0, y0, x1, y1; in pixels, or in shares of the picture."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """One picture with its boxes as files have them."""

    picture: Path
    """The picture."""
    boxes: tuple[RawBox, ...]
    """Its boxes."""
    where: str
    """File, or file and line, for messages."""
    size: tuple[int, int] | None = None
    """Width and height of the picture that the corners are pixels of; None asks the picture."""
    is_relative: bool = False
    """Whether the corners are shares of width and height."""
    split: str | None = None
    """Part of the split, where the source says one."""
    mask: str | None = None
    """What is outlined on it (see `modalities/mask_drawings.py`), where the source has it."""


_Row = tuple[str, list[dict[str, object]], str | None, str | None]


class AbstractBoxSource(AbstractSource):
    """Pictures with boxes."""

    @property
    @final
    def target(self) -> str:
        """The boxes."""
        return "boxes"

    @property
    @final
    def modalities(self) -> Mapping[str, str]:
        """Pictures are pictures, and boxes are boxes."""
        masks = {"mask": "mask"} if self._has_masks else {}
        return {"image": "image", "boxes": "boxes", **masks}

    @property
    def _has_masks(self) -> bool:
        """Whether masks can be drawn from what it holds."""
        return False

    @abstractmethod
    def _annotated(self) -> Iterator[Annotated]:
        """Yield the pictures in order."""

    @abstractmethod
    def _annotation_files(self) -> Sequence[Path]:
        """Return the files that hold the boxes, in order."""

    @property
    @abstractmethod
    def _has_split(self) -> bool:
        """Whether the source says which part of the split a picture belongs to."""

    @override
    def _pieces(self) -> Iterator[pl.DataFrame]:
        rows: list[_Row] = []
        for found in self._annotated():
            boxes = self._sound_boxes(found)
            rows.append((str(found.picture), boxes, found.split, found.mask))
            if len(rows) == ROWS_PER_PIECE:
                yield self._frame(rows)
                rows = []
        if rows:
            yield self._frame(rows)

    def _frame(self, rows: Sequence[_Row]) -> pl.DataFrame:
        columns = [
            pl.Series("image", [row[0] for row in rows], dtype=pl.String),
            pl.Series("boxes", [row[1] for row in rows], dtype=pl.List(BOX)),
        ]
        if self._has_split:
            columns.append(pl.Series("split", [row[2] for row in rows], dtype=pl.String))
        if self._has_masks:
            columns.append(pl.Series("mask", [row[3] for row in rows], dtype=pl.String))
        return pl.DataFrame(columns)

    def _sound_boxes(self, found: Annotated) -> list[dict[str, object]]:
        """Return the boxes of a picture that can be used; tell of the others."""
        if not found.boxes:
            return []
        header = _header(found.picture)
        if header is None:
            # The row fails with its picture; its boxes have nothing to lie in.
            size, orientation = found.size, 1
        else:
            size, orientation = header
        if size is None:
            self._put_aside(found.where, f"boxes in {found.picture.name}, which cannot be read")
            return []
        stated = size if found.size is None or min(found.size) < 1 else found.size
        kept = []
        for box in found.boxes:
            corners = _corners(box.corners, stated, size, found.is_relative, orientation)
            mended, why = repaired(corners, size)
            if why:
                shown = ", ".join(f"{number:g}" for number in box.corners)
                done = "was repaired" if mended else "was left out"
                self._put_aside(found.where, f"box {box.label!r} ({shown}) {why} and {done}")
            if mended:
                named = dict(zip(("x0", "y0", "x1", "y1"), mended))
                kept.append({"label": box.label, **named, "width": size[0], "height": size[1]})
        return kept

    @override
    def _num_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._files() if path.is_file())

    @override
    def _compute_fingerprint(self) -> str:
        return hash_files([path for path in self._files() if path.is_file()])

    def _files(self) -> list[Path]:
        pictures = [Path(path) for path in self.read()["image"].to_list()]
        return [*self._annotation_files(), *pictures]


def repaired(
    corners: tuple[float, float, float, float], size: tuple[int, int]
) -> tuple[tuple[float, float, float, float] | None, str]:
    """Return a box that lies in its picture, or None, and what was wrong with it, or "".

    Less than a pixel over the border, which files that count from 1 have, is cut off untold.

    Args:
        corners: x0, y0, x1, y1 in pixels.
        size: Width and height of the picture.
    """
    if not all(map(math.isfinite, corners)):
        return None, "has a corner that is no number"
    width, height = size
    left, right = sorted((corners[0], corners[2]))
    top, bottom = sorted((corners[1], corners[3]))
    whys = ["has its corners exchanged"] if (left, top) != corners[:2] else []
    if left >= right or top >= bottom:
        return None, "has no area"
    if left >= width or top >= height or right <= 0 or bottom <= 0:
        return None, f"lies outside the {width} × {height} pixels of its picture"
    if max(-left, -top, right - width, bottom - height) > 1:
        whys.append("hangs over the border")
    inside = (max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height)))
    return inside, " and ".join(whys)


def _corners(
    corners: tuple[float, float, float, float],
    stated: tuple[int, int],
    size: tuple[int, int],
    is_relative: bool,  # noqa: FBT001
    orientation: int,
) -> tuple[float, float, float, float]:
    """Return corners in pixels of the upright picture."""
    if is_relative:
        stated = (1, 1)
    elif orientation in _TURNED and stated == (size[1], size[0]) and size[0] != size[1]:
        # Drawn on the picture as it is stored.
        turned = _upright(corners, stated, orientation)
        return turned
    if stated == size:
        return corners
    across, down = size[0] / stated[0], size[1] / stated[1]
    return (corners[0] * across, corners[1] * down, corners[2] * across, corners[3] * down)


def _upright(
    corners: tuple[float, float, float, float], stored: tuple[int, int], orientation: int
) -> tuple[float, float, float, float]:
    """Return corners on a stored picture as they lie on the upright one, for turns by a quarter."""
    x0, y0, x1, y1 = corners
    width, height = stored
    if orientation == 5:
        return (y0, x0, y1, x1)
    if orientation == 6:
        return (height - y1, x0, height - y0, x1)
    if orientation == 7:
        return (height - y1, width - x1, height - y0, width - x0)
    return (y0, width - x1, y1, width - x0)


def _header(path: Path) -> tuple[tuple[int, int], int] | None:
    """Return the upright size of a picture and its orientation; None where it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(path) as picture:
                orientation = int(picture.getexif().get(_ORIENTATION, 1))
                width, height = picture.size
    except Exception:  # decoders raise whatever foreign bytes lead them to
        return None
    size = (height, width) if orientation in _TURNED else (width, height)
    return size, orientation
