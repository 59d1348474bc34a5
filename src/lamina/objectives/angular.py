"""Losses for embeddings: how close a sample is to the centre of its own identity, beside others.

Both read cosines with one centre per identity, which the network learns (`networks/angular.py`),
so that a sample's loss never depends on what else is in its batch.
"""

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.objectives.members import Objective, mean_over_members


def angular_margin(
    output: Tensor,
    target: Tensor,
    *,
    scale: float = 16.0,
    margin: float = 0.3,
    cosine_margin: float = 0.0,
) -> Tensor:
    """Cross-entropy of scaled cosines, the own one made harder by a margin; one per sample.

    Args:
        output: Cosines with the centres, float [batch, identities].
        target: Identity of each sample, int64 [batch].
        scale: Factor on the cosines.
        margin: Angle by which a sample must be closer to its own centre, in radians.
        cosine_margin: The same as a difference of cosines.

    Returns:
        float [batch].

    Units:
        Nats.

    Source:
        Deng et al. 2019, "ArcFace", arXiv:1801.07698, equation 3; Wang et al. 2018, "CosFace",
        arXiv:1801.09414 (`cosine_margin`). Differs: where the angle and its margin exceed π the
        cosine goes on in a straight line, so that it always falls.
    """
    own = output.gather(1, target[:, None])
    # A cosine of exactly 1 has no finite slope of its angle.
    inside = own.clamp(-1 + 1e-6, 1 - 1e-6)
    turned = inside * math.cos(margin) - (1 - inside.square()).sqrt() * math.sin(margin)
    beyond = own - margin * math.sin(margin)
    harder = torch.where(own > math.cos(math.pi - margin), turned, beyond) - cosine_margin
    logits = output.scatter(1, target[:, None], harder)
    return F.cross_entropy(scale * logits, target, reduction="none")


def triplet_center(output: Tensor, target: Tensor, *, margin: float = 0.3) -> Tensor:
    """Hinge on the nearest other centre and the own one, one number per sample.

    Args:
        output: Cosines with the centres, float [batch, identities].
        target: Identity of each sample, int64 [batch].
        margin: Difference of cosines that is enough.

    Returns:
        float [batch].

    Source:
        He et al. 2018, "Triplet-center loss for multi-view 3D object retrieval", arXiv:1803.06189;
        Schroff et al. 2015, "FaceNet", arXiv:1503.03832 (hinge). Differs: cosines, and centres
        in place of other samples of the batch.
    """
    own = output.gather(1, target[:, None])
    lowest = torch.finfo(output.dtype).min
    nearest = output.scatter(1, target[:, None], lowest).amax(dim=1, keepdim=True)
    return F.relu(nearest - own + margin).squeeze(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class AngularMarginConfig:
    """Settings of the angular margin."""

    scale: float = 16.0
    """Factor on the cosines, above 0."""
    margin: float = 0.3
    """Angle in radians, in [0, π / 2)."""
    cosine_margin: float = 0.0
    """Difference of cosines, in [0, 1)."""

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ConfigError(f"scale must be above 0, got {self.scale!r}. Try 16.")
        if not 0 <= self.margin < math.pi / 2:
            raise ConfigError(f"margin must be in [0, π / 2), got {self.margin!r}. Try 0.3.")
        if not 0 <= self.cosine_margin < 1:
            raise ConfigError(f"cosine_margin must be in [0, 1), got {self.cosine_margin!r}.")

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        del class_counts

        def objective(output: Tensor, target: Tensor) -> Tensor:
            return angular_margin(
                output,
                target,
                scale=self.scale,
                margin=self.margin,
                cosine_margin=self.cosine_margin,
            )

        return partial(mean_over_members, objective)


@dataclass(frozen=True, kw_only=True, slots=True)
class TripletCenterConfig:
    """Settings of the hinge on centres."""

    margin: float = 0.3
    """Difference of cosines that is enough, in (0, 2)."""

    def __post_init__(self) -> None:
        if not 0 < self.margin < 2:
            raise ConfigError(f"margin must be in (0, 2), got {self.margin!r}. Try 0.3.")

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        del class_counts

        def objective(output: Tensor, target: Tensor) -> Tensor:
            return triplet_center(output, target, margin=self.margin)

        return partial(mean_over_members, objective)
