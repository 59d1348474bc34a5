"""Which places of a detector answer for which boxes, decided anew at each step by its own answers.

A place may answer for a box if its centre lies in it (or, of boxes smaller than a few steps, close
to its middle). Of these the best few are taken, by class score and overlap together; a place that
several boxes want goes to the one that it overlaps most. All pictures of a batch and all boxes at
once, without a loop.

Source: Feng et al. 2021, "TOOD: Task-aligned one-stage object detection", arXiv:2108.07755
(task-aligned assignment); Zhang et al. 2020, "ATSS", arXiv:1912.02424 (places near the middle).
Differs: boxes too small to hold places have those near their middle.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lamina.core.boxes import overlap

_SMALL = 1e-9
_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Assignment:
    """What each place is to answer."""

    box: Tensor
    """int64 [batch, places]: number of its box in the picture, 0 where there is none."""
    weight: Tensor
    """float [batch, places]: the score to answer, in [0, 1]; 0 where there is no box."""


@torch.no_grad()
def assign(
    places: Tensor,
    boxes: Tensor,
    scores: Tensor,
    target: Tensor,
    *,
    num_places: int,
    sharpness: float,
    radius: float,
) -> Assignment:
    """Return which box each place answers for, and how surely.

    Args:
        places: float [batch, places, 3]: x, y and step.
        boxes: float [batch, places, 4] that the places answer.
        scores: float [batch, places, classes], in [0, 1].
        target: float [batch, most, 5]: class and box, class -1 where there is none.
        num_places: Places per box at most.
        sharpness: Power of the overlap against that of the class score.
        radius: Steps around the middle of a box within which places may answer for it, even where
            they lie outside.
    """
    is_real, wanted = target[..., 0] >= 0, target[..., 1:]
    if target.shape[1] == 0:
        empty = torch.zeros(places.shape[:2], device=places.device)
        return Assignment(empty.long(), empty)
    classes = target[..., 0].clamp_min(0).long()
    own_scores = scores.gather(2, classes[:, None, :].expand(-1, scores.shape[1], -1))
    shared = overlap(boxes[:, :, None], wanted[:, None])  # [batch, places, most]
    can = _may_answer(places, wanted, radius=radius) & is_real[:, None]
    quality = torch.where(can, own_scores * shared.pow(sharpness), 0.0)
    # The best places of each box; those that do not overlap at all stay out.
    count = min(num_places, places.shape[1])
    best, at = quality.topk(count, dim=1)
    is_best = torch.zeros_like(can).scatter_(1, at, best > 0)
    ranked = torch.where(is_best, shared + _SMALL, 0.0)
    most, box = ranked.max(dim=2)
    is_taken = most > 0
    chosen = torch.zeros_like(can).scatter_(2, box[:, :, None], is_taken[:, :, None])
    own_quality = torch.where(chosen, quality, 0.0)
    # The best place of a box is to answer its overlap, the others less in proportion.
    highest = own_quality.amax(dim=1, keepdim=True).clamp_min(_TINY)
    reach = torch.where(chosen, shared, 0.0).amax(dim=1, keepdim=True)
    weight = (own_quality / highest * reach).amax(dim=2)
    return Assignment(box, weight)


def _may_answer(places: Tensor, wanted: Tensor, *, radius: float) -> Tensor:
    """Return which places may answer for which boxes, bool [batch, places, most]."""
    x, y, step = (places[:, :, None, each] for each in range(3))
    left, top, right, bottom = wanted[:, None].unbind(-1)
    is_inside = (x > left) & (x < right) & (y > top) & (y < bottom)
    near = radius * step
    is_near = ((x - (left + right) / 2).abs() < near) & ((y - (top + bottom) / 2).abs() < near)
    return is_inside | is_near
