"""Boxes that a detector answers: which of those that overlap are kept, and where they lie.

One implementation for training, evaluation and exported models, in NumPy, for all pictures at once.
"""

import numpy as np

CANDIDATE_WIDTH = 6
"""Numbers per box: class, score, x0, y0, x1, y1."""

MOST_BOXES = 100
"""Boxes of a picture that are kept, the surest."""

MOST_OVERLAP = 0.6
"""Overlap beyond which the less sure of two boxes of one class is left out."""

LEAST_SCORE = 0.3
"""Score from which on a box is told to people; figures of quality count all."""

_TOGETHER = 64


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return intersection over union of every box of one set with every one of another.

    Args:
        first: float [..., boxes, 4].
        second: float [..., others, 4].

    Returns:
        float64 [..., boxes, others], in [0, 1].
    """
    one, other = first[..., :, None, :], second[..., None, :, :]
    low = np.maximum(one[..., :2], other[..., :2])
    high = np.minimum(one[..., 2:], other[..., 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    union = _area(one) + _area(other) - shared
    return shared / np.maximum(union, 1e-9)


def kept_boxes(candidates: np.ndarray) -> np.ndarray:
    """Return the surest boxes of each picture that do not overlap a surer one of their class.

    A box is kept unless a kept box before it overlaps it. That is decided for all boxes at once,
    again and again until nothing changes: after each pass one more link of every chain of boxes
    is settled.

    Args:
        candidates: float [pictures, candidates, 6], in any order; score 0 where there is none.

    Returns:
        float64 [pictures, 100 at most, 6], the surest first; class -1 and score 0 where there is
        none.

    Source:
        Greedy suppression of non-maxima, Rosenfeld and Thurston 1971; Neubeck and Van Gool 2006.
    """
    count = min(MOST_BOXES, candidates.shape[1])
    found = np.empty((len(candidates), count, CANDIDATE_WIDTH))
    for start in range(0, len(candidates), _TOGETHER):
        part = candidates[start : start + _TOGETHER].astype(np.float64)
        order = np.argsort(-part[..., 1], axis=1, kind="stable")
        part = np.take_along_axis(part, order[..., None], axis=1)
        is_real = part[..., 1] > 0
        is_over = overlaps(part[..., 2:], part[..., 2:]) > MOST_OVERLAP
        is_over &= part[:, :, None, 0] == part[:, None, :, 0]
        # Rows of the mask are boxes, columns the surer ones before them.
        is_over &= np.tri(part.shape[1], k=-1, dtype=bool)
        is_kept = is_real
        while True:
            after = is_real & ~(is_over & is_kept[:, None, :]).any(axis=2)
            if np.array_equal(after, is_kept):
                break
            is_kept = after
        part[~is_kept] = (-1, 0, 0, 0, 0, 0)
        first = np.argsort(~is_kept, axis=1, kind="stable")[:, :count]
        found[start : start + _TOGETHER] = np.take_along_axis(part, first[..., None], axis=1)
    return found


def candidates_in(values: np.ndarray, num_classes: int) -> np.ndarray:
    """Return the candidates among the numbers that a detector's graph gives.

    Args:
        values: float [pictures, classes + 6 × candidates]: the strongest logit of each class, then
            the candidates.
        num_classes: Classes there are.

    Returns:
        float [pictures, candidates, 6].
    """
    return values[:, num_classes:].reshape(len(values), -1, CANDIDATE_WIDTH)


def _area(boxes: np.ndarray) -> np.ndarray:
    area: np.ndarray = np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(-1)
    return area
