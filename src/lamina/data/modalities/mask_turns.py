"""Masks drawn on a picture as it is stored, while the picture is held on its side.

The file of such a picture says how it is to be turned; that of the mask does not. What is to be
turned is told by its cell: a text that names the mask and the turn, or bytes that are turned.
"""

import io
import json
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

ON_ITS_SIDE = (5, 6, 7, 8)
"""Orientations, as files of pictures number them, that exchange width and height."""

_START = '{"turned": '
_METHODS = {
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


def turned_cell(cell: str | bytes, orientation: int) -> str | bytes:
    """Return the cell of a mask that is to be turned as its picture is.

    Args:
        cell: Path or drawing of the mask, or the bytes of its file.
        orientation: Of the picture, one of `ON_ITS_SIDE`.
    """
    if isinstance(cell, str):
        return f'{_START}{orientation}, "mask": {json.dumps(cell)}}}'
    with Pillow.open(io.BytesIO(cell)) as picture:
        turned = ImageOps.exif_transpose(picture).transpose(_METHODS[orientation])
    file = io.BytesIO()
    turned.save(file, "PNG")
    return file.getvalue()


def turn_of(cell: Any) -> tuple[str, int] | None:
    """Return the mask that a cell names, and its turn; None for any other cell.

    Args:
        cell: A raw cell.
    """
    if not isinstance(cell, str) or not cell.startswith(_START):
        return None
    try:
        content = json.loads(cell)
    except ValueError:
        return None
    mask, orientation = content.get("mask"), content.get("turned")
    is_one = isinstance(mask, str) and not mask.startswith(_START)
    return (mask, orientation) if is_one and orientation in ON_ITS_SIDE else None


def turned_pixels(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Return pixels as they lie when a picture of an orientation stands upright.

    Args:
        pixels: [height, width].
        orientation: One of `ON_ITS_SIDE`.
    """
    if orientation == 5:
        return pixels.T
    if orientation == 6:
        return np.rot90(pixels, -1)
    if orientation == 7:
        return np.rot90(pixels, 2).T
    return np.rot90(pixels)
