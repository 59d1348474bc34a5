"""Where a picture of any size lies in a network's picture of one size, and back.

What a network says about places in a picture (boxes, masks) is asked in pixels of the picture that
came, so the whole of it is brought in with its proportions kept, centred, and what is left of the
network's picture is filled with a middle grey. Sizes are those of upright pictures.
"""

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from lamina.runtime.errors import MissingExtraError

FRAMINGS = ("crop", "pad", "windows")
"""How pictures are brought to one size: cut to its proportions, whole on a grey ground, or not at
all: as they are, seen in windows of that size (`lamina.runtime.sliding`)."""

GREY = 128
"""Brightness of what lies around a picture that is brought in whole."""


@final
@dataclass(frozen=True, slots=True)
class Frame:
    """Where a picture lies in the network's picture; all in whole pixels."""

    left: int
    """Columns of the network's picture on its left."""
    top: int
    """Rows of the network's picture above it."""
    width: int
    """Its own width in the network's picture."""
    height: int
    """Its own height in the network's picture."""
    raw_width: int
    """Width that it had."""
    raw_height: int
    """Height that it had."""

    @property
    def scale(self) -> float:
        """How many times as large it is in the network's picture, by its longer side."""
        if self.raw_width >= self.raw_height:
            return self.width / self.raw_width
        return self.height / self.raw_height

    def into(self, points: np.ndarray) -> np.ndarray:
        """Return places of the picture as places of the network's picture.

        Args:
            points: [..., 2], right and down from the upper left corner, in pixels.

        Returns:
            float64 [..., 2].
        """
        factors = np.array([self.width / self.raw_width, self.height / self.raw_height])
        return np.asarray(points, dtype=np.float64) * factors + (self.left, self.top)

    def back(self, points: np.ndarray) -> np.ndarray:
        """Return places of the network's picture as places of the picture.

        Args:
            points: [..., 2], right and down from the upper left corner, in pixels.

        Returns:
            float64 [..., 2]; outside the picture where the points lie on the ground around it.
        """
        factors = np.array([self.raw_width / self.width, self.raw_height / self.height])
        return (np.asarray(points, dtype=np.float64) - (self.left, self.top)) * factors


def frame_of(raw_width: int, raw_height: int, *, width: int, height: int) -> Frame:
    """Return where a picture lies in the network's picture: as large as it fits in, centred.

    Args:
        raw_width: Its width, at least 1.
        raw_height: Its height, at least 1.
        width: Width of the network's picture.
        height: Height of the network's picture.
    """
    scale = min(width / raw_width, height / raw_height)
    own_width = min(width, max(1, round(raw_width * scale)))
    own_height = min(height, max(1, round(raw_height * scale)))
    left, top = (width - own_width) // 2, (height - own_height) // 2
    return Frame(left, top, own_width, own_height, raw_width, raw_height)


def framed(picture: np.ndarray, frame: Frame, *, width: int, height: int) -> np.ndarray:
    """Return a picture laid into the network's picture, on grey.

    Args:
        picture: uint8 [rows, columns] or [rows, columns, 3]; may be a smaller copy of what the
            frame was made for.
        frame: Where it lies.
        width: Width of the network's picture.
        height: Height of the network's picture.

    Returns:
        uint8 [height, width] or [height, width, 3].
    """
    if picture.shape[:2] != (frame.height, frame.width):
        pillow = _pillow("Bringing a picture to another size")
        size = (frame.width, frame.height)
        whole = pillow.fromarray(picture)
        picture = np.asarray(whole.resize(size, resample=pillow.Resampling.BILINEAR))
    return on_ground(picture, frame, width=width, height=height, ground=GREY)


def on_ground(
    picture: np.ndarray, frame: Frame, *, width: int, height: int, ground: int
) -> np.ndarray:
    """Return what has its size in a frame, with the ground of the network's picture around it.

    Args:
        picture: [rows, columns, ...] of the frame's own height and width.
        frame: Where it lies.
        width: Width of the network's picture.
        height: Height of the network's picture.
        ground: Value of what lies around it.
    """
    if picture.shape[:2] == (height, width):
        return picture
    whole = np.full((height, width, *picture.shape[2:]), ground, dtype=picture.dtype)
    whole[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width] = picture
    return whole


def _pillow(purpose: str) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtraError("Pillow", extra="", purpose=purpose) from error
    return Image
