"""What a picture is like at a glance: brightness, contrast, colours and size.

Training pictures and those that a model is asked about are measured alike, brought to a few cells
each first, so that neither their size nor the way they were packed changes the brightness.
"""

import io
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from lamina.runtime.figures.base import AbstractFigures
from lamina.runtime.modalities.image import LUMA, MAX_PIXELS, plain_array, plain_pixels

SIDE = 32
"""Cells that a picture is brought to, from top to bottom and from left to right."""

GREY = ("brightness", "contrast", "height", "width")
"""Figures of a grey picture: mean and standard deviation of the cells, 0 to 255, and pixels."""

COLOURS = ("red", "green", "blue")
"""Further figures of a picture in colours: mean of each channel, 0 to 255."""

_ORIENTATION = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)


@final
class ImageFigures(AbstractFigures):
    """Measures pictures."""

    modality: ClassVar[str] = "image"
    is_slow: ClassVar[bool] = True

    @property
    def names(self) -> tuple[str, ...]:
        """The figures, in the order in which a person is shown them."""
        return GREY if self.field.channels == 1 else (*GREY, *COLOURS)

    def measure(self, cell: Any) -> Mapping[str, float] | None:
        """Return the figures of a cell; None where it is none or cannot be read.

        Args:
            cell: Raw.
        """
        return figures_of(cell)


def figures_of(cell: Any) -> Mapping[str, float] | None:
    """Return all figures of a picture; None where it is none or cannot be read.

    Args:
        cell: Bytes of an encoded picture, or an array.
    """
    if isinstance(cell, np.ndarray):
        pixels = plain_pixels(cell)
        return None if isinstance(pixels, str) else _measured(pixels, pixels.shape[:2])
    if not isinstance(cell, (bytes, bytearray, memoryview)):
        return None
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(bytes(cell))) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    return None
                if picture.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE:
                    width, height = height, width
                if picture.format == "JPEG":
                    # Decodes at a half, a quarter or an eighth, never below what is needed.
                    picture.draft(None, (2 * SIDE, 2 * SIDE))
                return _measured(plain_array(picture), (height, width))
    except Exception:  # decoders raise whatever foreign bytes lead them to
        return None


def _measured(pixels: np.ndarray, size: tuple[int, ...]) -> dict[str, float]:
    """Return the figures of uint8 [height, width] or [height, width, 3]."""
    from PIL import Image

    small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX)
    cells = np.asarray(small, dtype=np.float64)
    cells = np.repeat(cells[..., None], 3, axis=2) if cells.ndim == 2 else cells
    bright = cells @ (np.array(LUMA) / sum(LUMA))
    found = {"brightness": bright.mean(), "contrast": bright.std()}
    found |= dict(zip(COLOURS, cells.mean(axis=(0, 1))))
    # Cells are whole numbers, so that a tenth is more than is known.
    rounded = {name: round(float(value), 1) for name, value in found.items()}
    return {**rounded, "height": float(size[0]), "width": float(size[1])}
