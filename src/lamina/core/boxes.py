"""Boxes as tensors: how networks, losses and changes of pictures lay them out.

A box is x0, y0, x1, y1 in pixels, from the left and upper edge of a picture. Boxes of several
pictures are one tensor [batch, most, 5]: class, then the box; class -1 fills rows up.

A detector answers at places, each with a class score per class and, for each of the four sides of
a box, how far away it is: a distribution over 0 to `SIDE_BINS` - 1 steps of the map. Its output is
float [batch, places, PLACE_WIDTH + 4 × SIDE_BINS + classes]: x, y and step of the place in pixels,
then the logits of the sides left, top, right, bottom, then those of the classes.

Source: Li et al. 2020, "Generalized focal loss", arXiv:2006.04388 (distributions of sides);
Rezatofighi et al. 2019, arXiv:1902.09630 (generalised overlap).
"""

import torch
from torch import Tensor

SIDE_BINS = 16
"""Distances between which that of a side is told, from 0 on, in steps of the map."""

PLACE_WIDTH = 3
"""Numbers that say where a place is: x, y and the step of its map, in pixels."""

NO_BOX = -1.0
"""Class of the rows that fill up pictures with fewer boxes."""

_SMALL = 1e-9


def split_places(output: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return places, logits of sides and logits of classes of a detector's output.

    Args:
        output: float [batch, places, PLACE_WIDTH + 4 × SIDE_BINS + classes].

    Shape:
        [batch, places, 3], [batch, places, 4, SIDE_BINS] and [batch, places, classes].
    """
    widths = (PLACE_WIDTH, 4 * SIDE_BINS, output.shape[-1] - PLACE_WIDTH - 4 * SIDE_BINS)
    places, sides, classes = output.split(widths, dim=-1)
    return places, sides.unflatten(-1, (4, SIDE_BINS)), classes


def boxes_at(places: Tensor, sides: Tensor) -> Tensor:
    """Return the boxes that places expect, float [..., 4].

    Args:
        places: float [..., 3]: x, y and step of each place.
        sides: float [..., 4, SIDE_BINS], logits of the distances of left, top, right, bottom.
    """
    bins = torch.arange(SIDE_BINS, device=sides.device, dtype=sides.dtype)
    distances = (sides.softmax(dim=-1) * bins).sum(dim=-1) * places[..., 2:3]
    centres = places[..., :2]
    return torch.cat((centres - distances[..., :2], centres + distances[..., 2:]), dim=-1)


def filled_up(boxes: Tensor) -> Tensor:
    """Return boxes of pictures with class -1, and nothing of no number, where there are none.

    Args:
        boxes: float [batch, most, 5]; rows without a box may be NaN.
    """
    return torch.nan_to_num(boxes, nan=NO_BOX)


def area(boxes: Tensor) -> Tensor:
    """Return the area of boxes, float [...]; 0 for turned ones.

    Args:
        boxes: float [..., 4].
    """
    return (boxes[..., 2:] - boxes[..., :2]).clamp_min(0).prod(dim=-1)


def overlap(first: Tensor, second: Tensor) -> Tensor:
    """Return intersection over union of boxes, float [...], in [0, 1].

    Args:
        first: float [..., 4].
        second: float [..., 4]; leading dimensions broadcast.
    """
    shared = _shared(first, second)
    return shared / (area(first) + area(second) - shared).clamp_min(_SMALL)


def generalised_overlap(first: Tensor, second: Tensor) -> Tensor:
    """Return the overlap less the share of the common hull that neither covers, in [-1, 1].

    Unlike the plain overlap it has a gradient where boxes do not meet.

    Args:
        first: float [..., 4].
        second: float [..., 4]; leading dimensions broadcast.
    """
    shared = _shared(first, second)
    union = (area(first) + area(second) - shared).clamp_min(_SMALL)
    low = torch.minimum(first[..., :2], second[..., :2])
    high = torch.maximum(first[..., 2:], second[..., 2:])
    hull = (high - low).clamp_min(0).prod(dim=-1).clamp_min(_SMALL)
    return shared / union - (hull - union) / hull


def _shared(first: Tensor, second: Tensor) -> Tensor:
    low = torch.maximum(first[..., :2], second[..., :2])
    high = torch.minimum(first[..., 2:], second[..., 2:])
    return (high - low).clamp_min(0).prod(dim=-1)
