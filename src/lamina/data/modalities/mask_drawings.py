"""Masks drawn from polygons: a cell of text that stands for itself.

    {"size": [height, width], "names": ["background", "car"], "shapes": [[1, [x0, y0, ...]]]}

A shape is the number of its class (null for void) with the corners of a polygon, or with runs of
pixels ({"counts": [...]}, listed or in a text, as COCO writes them: `pixel_runs.py`). Shapes are
drawn from the largest to the smallest, so that what lies before something larger is seen.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.data.modalities.pixel_runs import pixels_of_runs

VOID_CODE = 65_535
"""Code of pixels of which nothing is known."""

_MOST_SIDE = 1 << 14


def is_drawing(text: str) -> bool:
    """Return whether a text is such a cell, not the path of a file.

    Args:
        text: The cell.
    """
    return text.startswith("{") and '"shapes"' in text


def drawing(
    size: tuple[int, int], names: Sequence[str], shapes: Sequence[tuple[int | None, Any]]
) -> str:
    """Return the cell of a picture.

    Args:
        size: Height and width.
        names: Of the classes by number.
        shapes: Number of a class and what is drawn.
    """
    content = {"size": list(size), "names": list(names), "shapes": [list(one) for one in shapes]}
    return json.dumps(content, separators=(",", ":"))


def size_of_drawing(text: str) -> tuple[int, int] | None:
    """Return width and height of the picture that a cell is of; None where it is damaged.

    Args:
        text: The cell.
    """
    try:
        height, width = json.loads(text)["size"]
        return int(width), int(height)
    except (ValueError, KeyError, TypeError):
        return None


def drawn(text: str) -> tuple[np.ndarray, tuple[str, ...]] | str:
    """Return the codes of pixels, int32 [height, width], and the names of classes, or why not.

    Args:
        text: The cell.
    """
    try:
        content = json.loads(text)
        height, width = content["size"]
        names = tuple(map(str, content["names"]))
        shapes = [(number, shape) for number, shape in content["shapes"]]
    except (ValueError, KeyError, TypeError) as error:
        return f"it is no drawing of a mask ({type(error).__name__})"
    if not all(type(side) is int and 1 <= side <= _MOST_SIDE for side in (height, width)):
        return f"a drawing of {height!r} × {width!r} pixels cannot be made"
    codes = np.zeros((height, width), dtype=np.int32)
    areas = []
    for number, shape in shapes:
        area = _area(shape, height, width)
        if isinstance(area, str):
            return area
        if number is not None and not (type(number) is int and 0 <= number < len(names)):
            return f"a shape of it has the class {number!r}, and there are {len(names)}"
        areas.append((VOID_CODE if number is None else number, area))
    for code, area in sorted(areas, key=lambda pair: -int(pair[1].sum())):
        codes[area] = code
    return codes, names


def _area(shape: Any, height: int, width: int) -> np.ndarray | str:
    """Return which pixels a shape covers, bool [height, width], or what is wrong with it."""
    if isinstance(shape, dict):
        return pixels_of_runs(shape, height, width)
    if not isinstance(shape, list) or len(shape) < 6 or len(shape) % 2:
        return "a shape of it is neither a polygon nor runs of its pixels"
    if not all(isinstance(at, (int, float)) and abs(at) < 1e9 for at in shape):
        return "a polygon of it has corners that are no numbers"
    return _inside(np.asarray(shape, dtype=np.float64).reshape(-1, 2), height, width)


def _inside(corners: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the pixels whose middle lies inside a polygon, bool [height, width]."""
    found = np.zeros((height, width), dtype=bool)
    x, y = corners.T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    first = max(0, int(np.floor(y.min())))
    for row in range(first, min(height, int(np.ceil(y.max())))):
        middle = row + 0.5
        is_crossed = (y <= middle) != (next_y <= middle)
        share = (middle - y[is_crossed]) / (next_y[is_crossed] - y[is_crossed])
        crossings = np.sort(x[is_crossed] + share * (next_x[is_crossed] - x[is_crossed]))
        places = np.ceil(crossings - 0.5).clip(0, width).astype(int).tolist()
        for left, right in zip(places[::2], places[1::2]):
            found[row, left:right] = True
    return found
