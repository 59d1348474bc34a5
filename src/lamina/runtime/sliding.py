"""Pictures of any size answered in windows of one size that overlap, blended where they do.

A network that learnt from parts of large pictures at their own scale sees a window at a time. Near
the edges of a window it knows half of what lies around, so a window counts most in its middle.
Windows go row after row, and what is summed up is a band as high as one of them: memory grows with
the width of the picture, not with its area. A run and its exported file share this, so that both
answer alike.

Source: Ronneberger et al. 2015, arXiv:1505.04597 (tiles that overlap); Isensee et al. 2021,
"nnU-Net" (weights that fall as a Gaussian). Differs: weights are a product over both sides with a
floor on each, so that their sum is one, too; in bands.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from lamina.runtime.framing import GREY

Score = Callable[[np.ndarray], np.ndarray]
"""uint8 [windows, channels, side, side] to float [windows, classes, side, side]: what is averaged
where windows overlap, such as probabilities."""

TOGETHER = 8
"""Windows that are scored at a time."""

_SPREAD = 1 / 8  # of the Gaussian, in sides
_FLOOR = 1e-3  # what a window counts at its edge at least


@final
@dataclass(frozen=True, slots=True)
class Sliding:
    """How windows lie in a picture."""

    side: int
    """Side of a window, in pixels."""
    overlap: float
    """Share of a side that the next window covers again, in [0, 1)."""


def starts(length: int, sliding: Sliding) -> list[int]:
    """Return where windows begin along one side of a picture: evenly, the last at its end.

    Args:
        length: Pixels of the side; where they are fewer than those of a window, it hangs over.
        sliding: How windows lie.
    """
    free = length - sliding.side
    if free <= 0:
        return [0]
    stride = max(1, round(sliding.side * (1 - sliding.overlap)))
    steps = -(-free // stride)
    return [place * free // steps for place in range(steps + 1)]


def weights(side: int) -> np.ndarray:
    """Return what each row or column of a window counts, float32 [side]: 1 in the middle.

    Args:
        side: Side of the window.
    """
    away = (np.arange(side) + 0.5) / side - 0.5
    return np.maximum(np.exp(-0.5 * (away / _SPREAD) ** 2), _FLOOR).astype(np.float32)


def window(picture: np.ndarray, top: int, left: int, *, side: int, ground: int) -> np.ndarray:
    """Return a square of a picture, with its ground where it hangs over.

    Args:
        picture: [height, width, ...].
        top: First row.
        left: First column.
        side: Side of the square.
        ground: Value of what lies outside the picture.

    Returns:
        [side, side, ...].
    """
    found = picture[top : top + side, left : left + side]
    if found.shape[:2] == (side, side):
        return found
    whole = np.full((side, side, *picture.shape[2:]), ground, dtype=picture.dtype)
    whole[: found.shape[0], : found.shape[1]] = found
    return whole


def blended(
    picture: np.ndarray, score: Score, sliding: Sliding, *, together: int = TOGETHER
) -> Iterator[np.ndarray]:
    """Yield the scores of a picture in bands from top to bottom, float32 [classes, rows, width].

    Args:
        picture: uint8 [height, width, channels], at least one pixel.
        score: Scores windows.
        sliding: How they lie.
        together: Windows that are scored at a time.
    """
    side, (height, width) = sliding.side, picture.shape[:2]
    tops, lefts = starts(height, sliding), starts(width, sliding)
    weight = weights(side)
    down, across = np.zeros(side, dtype=np.float32), np.zeros(width, dtype=np.float32)
    for left in lefts:
        across[left : left + side] += weight[: width - left]
    band = np.zeros((0, side, width), dtype=np.float32)
    for top, after in zip(tops, [*tops[1:], height]):
        for first in range(0, len(lefts), together):
            some = lefts[first : first + together]
            seen = [window(picture, top, left, side=side, ground=GREY) for left in some]
            scores = score(np.ascontiguousarray(np.stack(seen).transpose(0, 3, 1, 2)))
            if not len(band):
                band = np.zeros((scores.shape[1], side, width), dtype=np.float32)
            for left, own in zip(some, scores):
                wide = min(side, width - left)
                counted = weight[:, None] * weight[:wide]
                band[:, :, left : left + wide] += own[:, :, :wide].astype(np.float32) * counted
        down += weight
        done = after - top
        yield band[:, :done] / (down[:done, None] * across)
        # No later window reaches the rows that are done; the others begin the next band.
        for sums in (band, down[None]):
            sums[:, : side - done] = sums[:, done:].copy()
            sums[:, side - done :] = 0


def slid(
    picture: np.ndarray, score: Score, sliding: Sliding, *, together: int = TOGETHER
) -> np.ndarray:
    """Return the class of every pixel of a picture, uint8 [height, width].

    Args:
        picture: uint8 [height, width, channels], at least one pixel.
        score: Scores windows by class.
        sliding: How they lie.
        together: Windows that are scored at a time.
    """
    bands = blended(picture, score, sliding, together=together)
    return np.concatenate([band.argmax(axis=0).astype(np.uint8) for band in bands])
