"""Loss of a detector: how wrong its classes, the overlap of its boxes and their sides are.

Source: Li et al. 2020, "Generalized focal loss", arXiv:2006.04388 (quality focal and distribution
focal loss); Rezatofighi et al. 2019, arXiv:1902.09630 (generalised overlap); Feng et al. 2021,
arXiv:2108.07755 (which place answers for which box).
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.boxes import SIDE_BINS, boxes_at, filled_up, generalised_overlap, split_places
from lamina.core.errors import ConfigError
from lamina.objectives.assignment import assign
from lamina.objectives.members import Objective


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionConfig:
    """Settings of the loss of a detector."""

    box_weight: float = 2.0
    """Weight of the overlap against the classes, at least 0."""
    side_weight: float = 0.5
    """Weight of the distributions of the sides, at least 0."""
    places: int = 10
    """Places that answer for a box, at most."""
    sharpness: float = 6.0
    """How much more the overlap than the class score decides which these are, at least 0."""
    radius: float = 1.0
    """Steps around its middle in which places may answer for a box though they lie outside."""

    def __post_init__(self) -> None:
        for name in ("box_weight", "side_weight", "sharpness", "radius"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} must be at least 0, got {getattr(self, name)!r}.")
        if self.places < 1:
            raise ConfigError(f"places must be at least 1, got {self.places!r}. Try 10.")

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Not used: a box says itself how much it counts.
        """
        del class_counts
        return partial(detection_loss, config=self)


def detection_loss(output: Tensor, target: Tensor, *, config: DetectionConfig) -> Tensor:
    """Loss of the answers of all places of each picture, in units of one box.

    Args:
        output: float [batch, places, 3 + 4 × bins + classes], as `lamina.core.boxes` says.
        target: float [batch, most, 5]: class and box in pixels, class -1 (or NaN) where none is.
        config: Weights of the parts, and which places answer.

    Returns:
        float [batch]. Each picture's sum is divided by the scores that its places are to answer,
        or by 1 where that is more, so that no picture depends on the others.

    Source:
        arXiv:2006.04388, equations 5 and 6; arXiv:2108.07755. Differs: divided per picture.
    """
    if output.dim() == 4:  # [batch, members, ...]
        own = [detection_loss(member, target, config=config) for member in output.unbind(1)]
        return torch.stack(own).mean(dim=0)
    output = output if output.dtype == torch.float64 else output.float()
    target = filled_up(target)
    places, sides, classes = split_places(output)
    boxes = boxes_at(places, sides)
    found = assign(
        places,
        boxes.detach(),
        classes.detach().sigmoid(),
        target,
        num_places=config.places,
        sharpness=config.sharpness,
        radius=config.radius,
    )
    scored = _class_loss(classes, target, found.box, found.weight).sum(dim=(1, 2))
    total = scored
    if target.shape[1]:
        wanted = target[..., 1:].gather(1, found.box[:, :, None].expand(-1, -1, 4))
        far = (1 - generalised_overlap(boxes, wanted)) * found.weight
        apart = distribution_focal(sides, distances(places, wanted)) * found.weight
        total = scored + config.box_weight * far.sum(1) + config.side_weight * apart.sum(1)
    loss: Tensor = total / found.weight.sum(dim=1).clamp_min(1.0)
    return loss


def quality_focal(logits: Tensor, quality: Tensor) -> Tensor:
    """Cross-entropy with a quality in [0, 1], weighted by the squared distance from it.

    Args:
        logits: float [...].
        quality: float [...], the score to answer.

    Returns:
        float [...].

    Source:
        arXiv:2006.04388, equation 5, with β = 2.
    """
    distance = logits.sigmoid() - quality
    loss = F.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    weighted: Tensor = loss * distance.square()
    return weighted


def distribution_focal(sides: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of the two distances between which each true one lies, mean of four sides.

    Args:
        sides: float [..., 4, bins], logits.
        wanted: float [..., 4], distances in [0, bins - 1].

    Returns:
        float [...].

    Source:
        arXiv:2006.04388, equation 6.
    """
    low = wanted.floor().clamp(0, SIDE_BINS - 2)
    share = (wanted - low).clamp(0, 1)
    logs = sides.log_softmax(dim=-1)
    at = low.long().unsqueeze(-1)
    below, above = logs.gather(-1, at).squeeze(-1), logs.gather(-1, at + 1).squeeze(-1)
    return -((1 - share) * below + share * above).mean(dim=-1)


def distances(places: Tensor, boxes: Tensor) -> Tensor:
    """Return how far the sides of boxes are from places, in steps, float [..., 4].

    Args:
        places: float [..., 3]: x, y and step.
        boxes: float [..., 4].
    """
    centres = places[..., :2]
    far = torch.cat((centres - boxes[..., :2], boxes[..., 2:] - centres), dim=-1)
    return (far / places[..., 2:3]).clamp(0, SIDE_BINS - 1 - 0.01)


def _class_loss(classes: Tensor, target: Tensor, box: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of the class scores, float [batch, places, classes]."""
    quality = torch.zeros_like(classes)
    if target.shape[1]:
        own = target[..., 0].clamp_min(0).long().gather(1, box)
        quality = quality.scatter(2, own[:, :, None], weight[:, :, None])
    return quality_focal(classes, quality)
