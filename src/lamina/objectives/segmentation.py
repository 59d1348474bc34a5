"""Losses of masks: cross-entropy of pixels, and how little two masks overlap.

Outputs are logits [..., classes, height, width], targets uint8 [batch, height, width] with 255
where nothing is known.

Source: Isensee et al. 2021, "nnU-Net", Nature Methods 18 (the sum of both).
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.objectives.members import Objective

VOID = 255
"""Value of pixels that count nowhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PixelClassesConfig:
    """Cross-entropy of pixels and Dice loss of classes."""

    class_weight: float = 0.5
    """How much rare classes count: weights are shares to this power, inverted, in [0, 1]; 0 lets
    all pixels count alike, 1 all classes."""
    dice: float = 0.5
    """Weight of the Dice loss beside the cross-entropy, at least 0."""
    label_smoothing: float = 0.0
    """Share of the target that goes to all classes alike, in [0, 1)."""

    def __post_init__(self) -> None:
        if not 0 <= self.class_weight <= 1:
            raise ConfigError(f"class_weight must be in [0, 1], got {self.class_weight!r}. Try .5.")
        if self.dice < 0 or not 0 <= self.label_smoothing < 1:
            raise ConfigError(
                f"dice must be at least 0 and label_smoothing in [0, 1), got {self.dice!r} and "
                f"{self.label_smoothing!r}. Use 0 to turn them off."
            )

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Pixels of each class, or shares of them.
        """
        weights = None if class_counts is None else pixel_weights(class_counts, self.class_weight)

        def objective(output: Tensor, target: Tensor) -> Tensor:
            logits = output.float().flatten(1, -4) if output.dim() > 4 else output.float()[:, None]
            members = logits.shape[1]
            own = target.long().repeat_interleave(members, 0)
            losses = pixel_cross_entropy(
                logits.flatten(0, 1), own, weights=weights, smoothing=self.label_smoothing
            )
            if self.dice:
                losses = losses + self.dice * dice_loss(logits.flatten(0, 1), own)
            return losses.view(-1, members).mean(dim=1)

        return objective


def pixel_weights(counts: Tensor, power: float) -> Tensor:
    """Return the weight of each class, 1 for the mean pixel; no class counts more than 50 times.

    Args:
        counts: Pixels of each class.
        power: 0 for the same weight of all pixels, 1 for the same weight of all classes.
    """
    shares = counts.double() / counts.sum().clamp_min(1e-12)
    weights = shares.clamp_min(1e-6) ** -power
    weights = weights / (weights * shares).sum()
    return weights.clamp(max=50.0).float()


def pixel_cross_entropy(
    logits: Tensor, target: Tensor, *, weights: Tensor | None = None, smoothing: float = 0.0
) -> Tensor:
    """Return the mean cross-entropy of each sample's known pixels, float [batch].

    Args:
        logits: float [batch, classes, height, width].
        target: int64 [batch, height, width].
        weights: float [classes]; None for 1.
        smoothing: Share of the target that goes to all classes alike.
    """
    own = None if weights is None else weights.to(logits.device)
    losses = F.cross_entropy(
        logits, target, weight=own, ignore_index=VOID, reduction="none", label_smoothing=smoothing
    )
    is_known = target != VOID
    return losses.flatten(1).sum(1) / is_known.flatten(1).sum(1).clamp_min(1)


def dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Return 1 minus the mean overlap of the classes that are in each sample, float [batch].

    Args:
        logits: float [batch, classes, height, width].
        target: int64 [batch, height, width].

    Source:
        Milletari et al. 2016, "V-Net", arXiv:1606.04797. Differs: classes that a sample does not
        have do not count; sums instead of sums of squares.
    """
    num_classes = logits.shape[1]
    is_known = (target != VOID)[:, None]
    chances = logits.softmax(dim=1) * is_known
    places = target.clamp(max=num_classes)[:, None]
    # One more class takes the pixels that count nowhere.
    truth = torch.zeros_like(chances[:, :1]).repeat(1, num_classes + 1, 1, 1)
    truth = truth.scatter_(1, places, 1.0)[:, :num_classes]
    common = (chances * truth).flatten(2).sum(2)
    both = chances.flatten(2).sum(2) + truth.flatten(2).sum(2)
    has_class = truth.flatten(2).any(dim=2)
    overlap = (2 * common + 1) / (both + 1)
    return ((1 - overlap) * has_class).sum(1) / has_class.sum(1).clamp_min(1)
