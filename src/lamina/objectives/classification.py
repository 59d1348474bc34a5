"""Losses for classes and labels: cross-entropy, binary, multi-label and focal.

Each returns one loss per sample and never reduces over the batch, so that sums over micro-batches
and processes are exact. Weights are not divided by their sum, unlike `torch.nn.CrossEntropyLoss`,
for the same reason; "balanced" weights have a mean of one over the training samples.
"""

from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from lamina.core.errors import ConfigError
from lamina.objectives.members import Objective, mean_over_members


def cross_entropy(
    output: Tensor,
    target: Tensor,
    *,
    label_smoothing: float = 0.0,
    class_weights: Tensor | None = None,
) -> Tensor:
    """Cross-entropy of the softmax of `output`, one number per sample.

    Args:
        output: Logits, float [batch, classes].
        target: Class numbers, int64 [batch], or probabilities, float [batch, classes] (for mixup).
        label_smoothing: Share of the target spread over all classes, in [0, 1).
        class_weights: Weight of each class, float [classes].

    Returns:
        float [batch].

    Units:
        Nats.

    Source:
        Szegedy et al. 2016, "Rethinking the Inception architecture", arXiv:1512.00567, section 7
        (label smoothing). Differs: never reduced.
    """
    if class_weights is not None:
        class_weights = class_weights.to(output.device, output.dtype)
    if target.is_floating_point():
        target = target.to(output.dtype)
    return functional.cross_entropy(
        output, target, weight=class_weights, reduction="none", label_smoothing=label_smoothing
    )


def binary_cross_entropy(
    output: Tensor,
    target: Tensor,
    *,
    label_smoothing: float = 0.0,
    positive_weight: float = 1.0,
) -> Tensor:
    """Cross-entropy of the logistic function of one logit, one number per sample.

    Args:
        output: Logits, float [batch] or [batch, 1].
        target: 0 or 1 or a probability, [batch] or [batch, 1].
        label_smoothing: Pulls targets towards one half by this share, in [0, 1).
        positive_weight: Weight of the positive class.

    Returns:
        float [batch].

    Units:
        Nats.

    Source:
        Cox 1958, "The regression analysis of binary sequences". Differs: never reduced.
    """
    logit = output.reshape(output.shape[0])
    wanted = target.reshape(target.shape[0]).to(logit.dtype)
    return _binary(logit, wanted, label_smoothing, positive_weight)


def multi_label(
    output: Tensor,
    target: Tensor,
    *,
    label_smoothing: float = 0.0,
    positive_weight: float = 1.0,
) -> Tensor:
    """Mean over labels of the binary cross-entropy, one number per sample.

    Labels that are NaN are unknown and are left out; a sample without a known label costs nothing.

    Args:
        output: Logits, float [batch, labels].
        target: 0, 1 or NaN, float [batch, labels].
        label_smoothing: Pulls targets towards one half by this share, in [0, 1).
        positive_weight: Weight of labels that are set.

    Returns:
        float [batch].

    Units:
        Nats per label.

    Source:
        Nam et al. 2014, "Large-scale multi-label text classification", arXiv:1312.5419.
        Differs: unknown labels are left out.
    """
    known = ~torch.isnan(target)
    wanted = torch.where(known, target, 0.0).to(output.dtype)
    losses = _binary(output, wanted, label_smoothing, positive_weight)
    return (losses * known).sum(1) / known.sum(1).clamp_min(1)


def focal(
    output: Tensor, target: Tensor, *, gamma: float = 2.0, class_weights: Tensor | None = None
) -> Tensor:
    """Cross-entropy with well-classified samples played down, one number per sample.

    Args:
        output: Logits, float [batch, classes].
        target: Class numbers, int64 [batch], or probabilities, float [batch, classes] (for mixup).
        gamma: How strongly sure answers are played down; 0 gives cross-entropy.
        class_weights: Weight of each class, float [classes].

    Returns:
        float [batch].

    Units:
        Nats.

    Source:
        Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002, equation 4.
        Differs: softmax over several classes; soft targets charge each class its share; never
        reduced.
    """
    logs = functional.log_softmax(output, dim=1)
    if target.is_floating_point():
        losses = _played_down(logs, gamma) * target.to(logs.dtype)
        if class_weights is not None:
            losses = losses * class_weights.to(output.device, output.dtype)
        return losses.sum(1)
    losses = _played_down(logs.gather(1, target[:, None])[:, 0], gamma)
    if class_weights is not None:
        losses = losses * class_weights.to(output.device, output.dtype)[target]
    return losses


def balanced_weights(class_counts: Tensor) -> Tensor:
    """Return weights that give every class the same total, with a mean of one over the samples.

    Args:
        class_counts: Training samples of each class, [classes].

    Returns:
        float32 [classes]; classes without a sample get one.

    Source:
        King and Zeng 2001, "Logistic regression in rare events data", as in scikit-learn's
        `class_weight="balanced"`. Differs: absent classes do not count as classes.
    """
    counts = class_counts.to(torch.float64)
    present = counts > 0
    weights = counts.sum() / (present.sum().clamp_min(1) * counts.clamp_min(1))
    return torch.where(present, weights, torch.ones_like(weights)).float()


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossEntropyConfig:
    """Cross-entropy over classes."""

    label_smoothing: float = 0.0
    """Share of each target spread over all classes, in [0, 1)."""
    class_weights: Literal["balanced"] | tuple[float, ...] | None = None
    """Weight per class, "balanced" for equal totals, or nothing."""

    def __post_init__(self) -> None:
        _check_smoothing(self.label_smoothing)

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Training samples of each class; needed for "balanced".

        Raises:
            ConfigError: The weights do not fit the classes.
        """
        weights = resolve_weights(self.class_weights, class_counts)
        return partial(
            mean_over_members,
            partial(cross_entropy, label_smoothing=self.label_smoothing, class_weights=weights),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class BinaryCrossEntropyConfig:
    """Cross-entropy of one logit."""

    label_smoothing: float = 0.0
    """Pulls targets towards one half by this share, in [0, 1)."""
    positive_weight: float = 1.0
    """Weight of the positive class, above 0."""

    def __post_init__(self) -> None:
        _check_smoothing(self.label_smoothing)
        _check_positive("positive_weight", self.positive_weight)

    def build(self, *, class_counts: Tensor | None = None) -> Objective:  # noqa: ARG002
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        loss = partial(
            binary_cross_entropy,
            label_smoothing=self.label_smoothing,
            positive_weight=self.positive_weight,
        )
        return partial(mean_over_members, loss)


@dataclass(frozen=True, kw_only=True, slots=True)
class MultiLabelConfig:
    """Binary cross-entropy for each of several labels."""

    label_smoothing: float = 0.0
    """Pulls targets towards one half by this share, in [0, 1)."""
    positive_weight: float = 1.0
    """Weight of labels that are set, above 0."""

    def __post_init__(self) -> None:
        _check_smoothing(self.label_smoothing)
        _check_positive("positive_weight", self.positive_weight)

    def build(self, *, class_counts: Tensor | None = None) -> Objective:  # noqa: ARG002
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        loss = partial(
            multi_label,
            label_smoothing=self.label_smoothing,
            positive_weight=self.positive_weight,
        )
        return partial(mean_over_members, loss)


@dataclass(frozen=True, kw_only=True, slots=True)
class FocalConfig:
    """Cross-entropy that plays down samples the network is sure of."""

    gamma: float = 2.0
    """How strongly; 0 gives cross-entropy."""
    class_weights: Literal["balanced"] | tuple[float, ...] | None = None
    """Weight per class, "balanced" for equal totals, or nothing."""

    def __post_init__(self) -> None:
        if self.gamma < 0:
            raise ConfigError(f"gamma must be at least 0, got {self.gamma!r}. Try 2.")

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Training samples of each class; needed for "balanced".

        Raises:
            ConfigError: The weights do not fit the classes.
        """
        weights = resolve_weights(self.class_weights, class_counts)
        return partial(mean_over_members, partial(focal, gamma=self.gamma, class_weights=weights))


def resolve_weights(
    weights: str | tuple[float, ...] | None, class_counts: Tensor | None
) -> Tensor | None:
    """Return class weights as a tensor, or None where there are none.

    Args:
        weights: "balanced", one number per class, or None.
        class_counts: Training samples of each class, where known.

    Raises:
        ConfigError: They do not fit the classes, or "balanced" lacks the counts.
    """
    if weights is None:
        return None
    if isinstance(weights, str):
        if class_counts is None:
            raise ConfigError(
                "class_weights 'balanced' needs the number of samples per class; "
                "pass class_counts to build()."
            )
        return balanced_weights(class_counts)
    values = torch.tensor(weights, dtype=torch.float32)
    if class_counts is not None and len(values) != len(class_counts):
        raise ConfigError(
            f"class_weights has {len(values)} numbers for {len(class_counts)} classes. "
            "Give one per class, in the order of the classes."
        )
    return values


def _played_down(logs: Tensor, gamma: float) -> Tensor:
    """Return -(1 - p)^gamma log p of log-probabilities."""
    # 1 - p through expm1: keeps precision, and a gradient, where p is close to one.
    return -((-torch.expm1(logs)).clamp_min(1e-12) ** gamma) * logs


def _binary(
    logit: Tensor, wanted: Tensor, label_smoothing: float, positive_weight: float
) -> Tensor:
    if label_smoothing:
        wanted = wanted * (1 - label_smoothing) + 0.5 * label_smoothing
    weight = None if positive_weight == 1 else logit.new_tensor(positive_weight)
    return functional.binary_cross_entropy_with_logits(
        logit, wanted, pos_weight=weight, reduction="none"
    )


def _check_smoothing(value: float) -> None:
    if not 0 <= value < 1:
        raise ConfigError(
            f"label_smoothing must be in [0, 1), got {value!r}. Use 0 to turn it off."
        )


def _check_positive(name: str, value: float) -> None:
    if not value > 0:
        raise ConfigError(f"{name} must be above 0, got {value!r}. Use 1 for no weighting.")
