"""Masks of classes: run lengths, colours, and back to the size of the picture that came."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lamina.runtime.errors import DataError
from lamina.runtime.framing import Frame


def run_lengths(mask: np.ndarray) -> dict[str, list[int]]:
    """Return a mask as runs of one class, row after row.

    Args:
        mask: Integers [height, width].

    Returns:
        "size" [height, width], "classes" of the runs and their "counts" of pixels.
    """
    flat = mask.reshape(-1)
    starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
    counts = np.diff(np.append(starts, len(flat)))
    height, width = mask.shape
    return {
        "size": [int(height), int(width)],
        "classes": flat[starts].astype(np.int64).tolist(),
        "counts": counts.tolist(),
    }


def mask_of(runs: Mapping[str, Any]) -> np.ndarray:
    """Return the mask that run lengths stand for, uint8 [height, width].

    Args:
        runs: As `run_lengths` gives them.

    Raises:
        DataError: They do not add up to the size.
    """
    height, width = runs["size"]
    flat = np.repeat(np.asarray(runs["classes"], dtype=np.uint8), runs["counts"])
    if flat.size != height * width:
        raise DataError(
            f"the runs of a mask of {height} × {width} pixels have {flat.size} of them. Give the "
            "runs of the whole mask."
        )
    return flat.reshape(height, width)


def laid_back(mask: np.ndarray, frame: Frame) -> np.ndarray:
    """Return a mask of the network's picture as one of the picture that came.

    Each pixel gets the class of the pixel that its middle lies in.

    Args:
        mask: [rows, columns] of the network's picture.
        frame: Where the picture lies in it.
    """
    rows = (2 * np.arange(frame.raw_height) + 1) * frame.height // (2 * frame.raw_height)
    columns = (2 * np.arange(frame.raw_width) + 1) * frame.width // (2 * frame.raw_width)
    return mask[np.ix_(frame.top + rows, frame.left + columns)]


def laid_in(mask: np.ndarray, frame: Frame) -> np.ndarray:
    """Return a mask of a picture at the size that it has in the network's picture.

    Args:
        mask: [rows, columns] of the picture.
        frame: Where the picture lies in the network's.
    """
    if mask.shape == (frame.height, frame.width):
        return mask
    rows = (2 * np.arange(frame.height) + 1) * mask.shape[0] // (2 * frame.height)
    columns = (2 * np.arange(frame.width) + 1) * mask.shape[1] // (2 * frame.width)
    return mask[np.ix_(rows, columns)]


def shares(mask: np.ndarray, num_classes: int) -> list[float]:
    """Return the share of each class among the pixels of a mask.

    Args:
        mask: Integers.
        num_classes: Classes there are.
    """
    counts = np.bincount(mask.reshape(-1), minlength=num_classes)[:num_classes]
    return [float(count) for count in counts / max(1, mask.size)]


def distinct_colours(count: int) -> tuple[int, ...]:
    """Return colours that are easy to tell apart, the first of them black.

    Args:
        count: How many, up to 256.

    Source:
        Everingham et al. 2010, "The Pascal visual object classes challenge": the bits of the number
        are spread over the high bits of red, green and blue.
    """
    found = []
    for number in range(count):
        red = green = blue = 0
        rest = number
        for place in range(7, -1, -1):
            red |= (rest & 1) << place
            green |= (rest >> 1 & 1) << place
            blue |= (rest >> 2 & 1) << place
            rest >>= 3
        found.append(red << 16 | green << 8 | blue)
    return tuple(found)


def palette_of(colours: Sequence[int]) -> list[int]:
    """Return colours as a palette of 256 entries, as picture files hold it.

    Args:
        colours: Codes of colours: 65,536 red + 256 green + blue.
    """
    flat = [part for code in colours for part in (code >> 16 & 255, code >> 8 & 255, code & 255)]
    return flat + [0] * (768 - len(flat))
