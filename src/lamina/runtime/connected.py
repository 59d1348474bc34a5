"""Connected parts of masks: each as an instance of its class, with its box.

Source: Wu, Otoo and Suzuki 2009, "Optimizing two-pass connected-component labeling algorithms"
(runs of rows joined by union and find); neighbours share a side or a corner.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ConnectedPart:
    """Pixels of one class that hang together."""

    number: int
    """Number of the class."""
    left: int
    """First column."""
    top: int
    """First row."""
    right: int
    """One past the last column."""
    bottom: int
    """One past the last row."""
    num_pixels: int
    """Pixels of it."""


def connected_parts(mask: np.ndarray, *, fewest: int = 1) -> tuple[ConnectedPart, ...]:
    """Return the connected parts of a mask, the largest first.

    Args:
        mask: Integers [height, width], the class of each pixel.
        fewest: Pixels below which a part is left out.
    """
    rows, starts, ends, classes = _runs(mask)
    parents = _joined(rows, starts, ends, classes)
    roots, own = np.unique(parents, return_inverse=True)
    count = len(roots)
    lefts = np.full(count, mask.shape[1])
    tops = np.full(count, mask.shape[0])
    rights, bottoms = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.minimum.at(lefts, own, starts)
    np.minimum.at(tops, own, rows)
    np.maximum.at(rights, own, ends)
    np.maximum.at(bottoms, own, rows + 1)
    pixels = np.bincount(own, weights=ends - starts, minlength=count).astype(np.int64)
    order = np.argsort(-pixels, kind="stable")
    table = np.stack([classes[roots], lefts, tops, rights, bottoms, pixels], axis=1)[order]
    return tuple(ConnectedPart(*row) for row in table.tolist() if row[-1] >= fewest)


def _runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return row, first column, one past the last, and class of every run, in reading order."""
    height, width = mask.shape
    is_new = np.ones((height, width), dtype=bool)
    is_new[:, 1:] = mask[:, 1:] != mask[:, :-1]
    rows, starts = np.nonzero(is_new)
    ends = np.append(starts[1:], width)
    ends[np.append(rows[1:] != rows[:-1], True)] = width
    return rows, starts, ends, mask[rows, starts].astype(np.int64)


def _joined(
    rows: np.ndarray, starts: np.ndarray, ends: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Return for each run the first run of the part that it belongs to."""
    parents = list(range(len(rows)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    firsts = np.searchsorted(rows, np.arange(int(rows[-1]) + 2)).tolist()
    first, last, kinds = starts.tolist(), ends.tolist(), classes.tolist()
    for row in range(1, len(firsts) - 1):
        above, end_above = firsts[row - 1], firsts[row]
        for run in range(firsts[row], firsts[row + 1]):
            # Of the row above, runs that end before this one cannot touch those that follow.
            while above < end_above and last[above] < first[run]:
                above += 1
            other = above
            while other < end_above and first[other] <= last[run]:
                if kinds[other] == kinds[run]:
                    a, b = root(other), root(run)
                    parents[max(a, b)] = min(a, b)
                other += 1
    return np.array([root(place) for place in range(len(parents))], dtype=np.int64)
