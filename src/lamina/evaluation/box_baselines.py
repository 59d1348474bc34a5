"""Simple answers to where things are: the boxes that training pictures have most often.

They look at no picture, so that what a network finds beyond them it has seen.
"""

import numpy as np

from lamina.runtime.boxes import CANDIDATE_WIDTH, MOST_BOXES, overlaps

_MOST_TRAINING = 3_000
_ALIKE = 0.5


def usual_boxes(truth: np.ndarray, num_classes: int) -> np.ndarray:
    """Return the boxes that most training pictures have about there, float64 [1, 100, 6].

    Each box of training votes for those of its class that it overlaps by a half; the score is the
    share of pictures with such a box.

    Args:
        truth: float [pictures, most, 5] of training, class -1 where there is none.
        num_classes: Classes there are.
    """
    found = np.zeros((1, MOST_BOXES, CANDIDATE_WIDTH))
    is_real = (truth[..., 0] >= 0) & (truth[..., 0] < num_classes)
    boxes = truth[is_real]
    pictures = np.nonzero(is_real)[0]
    if len(boxes) > _MOST_TRAINING:
        step = np.linspace(0, len(boxes) - 1, _MOST_TRAINING).round().astype(np.int64)
        boxes, pictures = boxes[step], pictures[step]
    if not len(boxes):
        return found
    is_alike = overlaps(boxes[:, 1:], boxes[:, 1:]) >= _ALIKE
    is_alike &= boxes[:, None, 0] == boxes[None, :, 0]
    is_open = np.ones(len(boxes), dtype=bool)
    num_pictures = len(np.unique(pictures))
    for place in range(MOST_BOXES):
        votes = is_alike[:, is_open].sum(axis=1) * is_open
        best = int(votes.argmax())
        if not votes[best]:
            break
        own = is_alike[best] & is_open
        share = len(np.unique(pictures[own])) / num_pictures
        corners = np.median(boxes[own, 1:], axis=0)
        found[0, place] = (boxes[best, 0], share, *corners)
        is_open &= ~own
    return found
