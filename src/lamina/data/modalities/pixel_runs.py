"""Runs of pixels as COCO writes them: a list of counts, or the same counts in a short text.

Counts go column by column, outside first. In the text a number is a row of characters from "0" to
"o", each of six bits: the lower five are five bits of the number, the lowest first, the sixth says
that more follow, and the fifth of the last character is the sign. From the fourth count on, what is
written is the difference from the count two before.

Format: https://github.com/cocodataset/cocoapi ("RLE"); the numbers are LEB128 with five bits each.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_FIRST, _LAST = ord("0"), ord("o")
_MORE, _SIGN, _BITS = 0x20, 0x10, 5
_MOST_CHARACTERS = 6  # of a number: more pixels than any picture has


def pixels_of_runs(shape: Mapping[str, Any], height: int, width: int) -> np.ndarray | str:
    """Return which pixels of a picture runs cover, bool [height, width], or what is wrong.

    Args:
        shape: `counts`, a list or a text, and perhaps `size`, height and width.
        height: Rows of the picture.
        width: Columns of the picture.
    """
    size = shape.get("size", [height, width])
    if size != [height, width]:
        return f"runs of a shape are for {size!r} rows and columns, the picture has {height, width}"
    counts = shape.get("counts")
    runs = _written(counts) if isinstance(counts, str) else _listed(counts)
    if isinstance(runs, str):
        return runs
    if runs.size and runs.min() < 0:
        place = int(np.argmax(runs < 0))
        return f"run {place + 1} of a shape has {runs[place]} pixels"
    total = sum(runs.tolist())
    if total != height * width:
        return (
            f"runs of a shape have {total} pixels, the picture has {height} × {width} = "
            f"{height * width}"
        )
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T


def _listed(counts: Any) -> np.ndarray | str:
    """Return counts that are written out, int64 [runs], or what is wrong."""
    is_list = isinstance(counts, Sequence) and all(type(count) is int for count in counts)
    if not is_list or any(abs(count) >= 1 << 40 for count in counts):
        return "runs of a shape are neither whole numbers nor a text"
    return np.array(counts, dtype=np.int64)


def _written(text: str) -> np.ndarray | str:
    """Return the counts of a text, int64 [runs], or what is wrong."""
    characters = np.array([ord(letter) for letter in text], dtype=np.int64)
    is_strange = (characters < _FIRST) | (characters > _LAST)
    if is_strange.any():
        place = int(np.argmax(is_strange))
        return (
            f"runs of a shape hold the character {text[place]!r} at place {place + 1}; those from "
            "'0' to 'o' are written there"
        )
    codes = characters - _FIRST
    is_last = codes & _MORE == 0
    if codes.size and not is_last[-1]:
        return f"runs of a shape break off after {len(text)} characters"
    lasts = np.flatnonzero(is_last)
    firsts = np.concatenate([[0], lasts[:-1] + 1])[: len(lasts)]
    lengths = lasts - firsts + 1
    if lengths.max(initial=0) > _MOST_CHARACTERS:
        return (
            f"runs of a shape hold a number of {lengths.max()} characters, which no picture needs"
        )
    places = np.arange(len(codes)) - np.repeat(firsts, lengths)
    parts = (codes & (_MORE - 1)) << (_BITS * places)
    numbers = np.add.reduceat(parts, firsts) if len(lasts) else parts
    numbers -= np.where(codes[lasts] & _SIGN, 1 << (_BITS * lengths), 0)
    # The first count stands alone; the others continue those two before them.
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers
