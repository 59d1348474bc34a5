"""Losses for numbers: squared, Huber, absolute, and pinball for quantiles.

Each returns one loss per sample, the mean over its targets, and never reduces over the batch.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from lamina.core.errors import ConfigError
from lamina.objectives.members import Objective, mean_over_members


def mse(output: Tensor, target: Tensor) -> Tensor:
    """Squared error, the mean over targets.

    The best constant answer is the mean.

    Args:
        output: float [batch, targets].
        target: float [batch, targets] or, for one target, [batch].

    Returns:
        float [batch].

    Units:
        Those of `target`, squared.

    Source:
        Gauss 1809, "Theoria motus". Differs: never reduced over the batch.
    """
    return (output - _like(target, output)).square().mean(1)


def mae(output: Tensor, target: Tensor) -> Tensor:
    """Absolute error, the mean over targets.

    The best constant answer is the median.

    Args:
        output: float [batch, targets].
        target: float [batch, targets] or, for one target, [batch].

    Returns:
        float [batch].

    Units:
        Those of `target`.

    Source:
        Laplace 1774. Differs: never reduced over the batch.
    """
    return (output - _like(target, output)).abs().mean(1)


def huber(output: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """Squared error for small errors, absolute error for large ones, the mean over targets.

    Args:
        output: float [batch, targets].
        target: float [batch, targets] or, for one target, [batch].
        delta: Error at which the one turns into the other, above 0.

    Returns:
        float [batch].

    Units:
        Those of `target`, squared.

    Source:
        Huber 1964, "Robust estimation of a location parameter". Differs: never reduced over the
        batch.
    """
    losses = functional.huber_loss(output, _like(target, output), reduction="none", delta=delta)
    return losses.mean(1)


def pinball(output: Tensor, target: Tensor, *, quantiles: Tensor) -> Tensor:
    """Pinball (quantile) loss of several quantiles in one output, the mean over all of them.

    Charges q for each unit answered too low and 1 - q for each unit answered too high, so the best
    constant answer is the q-th quantile of the target.

    Args:
        output: float [batch, targets × quantiles]; the quantiles of one target stand together.
        target: float [batch, targets] or, for one target, [batch]; NaN, where unknown, is left out.
        quantiles: Levels strictly between 0 and 1, float [quantiles].

    Returns:
        float [batch].

    Raises:
        ConfigError: The output does not hold a number per target and quantile.

    Units:
        Those of `target`.

    Source:
        Koenker and Bassett 1978, "Regression quantiles", Econometrica 46(1).
        Differs: several levels at once; never reduced over the batch.
    """
    levels = quantiles.to(output.device, output.dtype)
    wanted = target.reshape(target.shape[0], -1).to(output.dtype)
    if output.shape[1] != wanted.shape[1] * len(levels):
        raise ConfigError(
            f"pinball needs an output of {wanted.shape[1]} targets × {len(levels)} quantiles = "
            f"{wanted.shape[1] * len(levels)} numbers, got {output.shape[1]}."
        )
    is_known = ~wanted.isnan()
    error = wanted[:, :, None] - output.reshape(len(output), wanted.shape[1], len(levels))
    losses = torch.maximum(levels * error, (levels - 1) * error).mean(2)
    return losses.where(is_known, 0.0).sum(1) / is_known.sum(1).clamp_min(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class MSEConfig:
    """Squared error."""

    def build(self, *, class_counts: Tensor | None = None) -> Objective:  # noqa: ARG002
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        return partial(mean_over_members, mse)


@dataclass(frozen=True, kw_only=True, slots=True)
class MAEConfig:
    """Absolute error."""

    def build(self, *, class_counts: Tensor | None = None) -> Objective:  # noqa: ARG002
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        return partial(mean_over_members, mae)


@dataclass(frozen=True, kw_only=True, slots=True)
class HuberConfig:
    """Squared error for small errors, absolute error for large ones."""

    delta: float = 1.0
    """Error, in units of the encoded target, at which the one turns into the other."""

    def __post_init__(self) -> None:
        if not self.delta > 0:
            raise ConfigError(f"delta must be above 0, got {self.delta!r}. Try 1.")

    def build(self, *, class_counts: Tensor | None = None) -> Objective:  # noqa: ARG002
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        return partial(mean_over_members, partial(huber, delta=self.delta))


@dataclass(frozen=True, kw_only=True, slots=True)
class PinballConfig:
    """Quantile loss."""

    quantiles: tuple[float, ...] = (0.05, 0.5, 0.95)
    """Levels, rising, strictly between 0 and 1."""

    def __post_init__(self) -> None:
        levels = self.quantiles
        if not levels or any(not 0 < q < 1 for q in levels) or list(levels) != sorted(set(levels)):
            raise ConfigError(
                f"quantiles must rise strictly between 0 and 1, got {levels!r}. "
                "Try (0.05, 0.5, 0.95)."
            )

    def build(self, *, class_counts: Tensor | None = None) -> Objective:  # noqa: ARG002
        """Return the objective.

        Args:
            class_counts: Accepted for all objectives alike; not needed here.
        """
        return partial(mean_over_members, partial(pinball, quantiles=torch.tensor(self.quantiles)))


def _like(target: Tensor, output: Tensor) -> Tensor:
    """Return the target in the shape of the output; a silent broadcast would be a wrong loss."""
    if target.numel() != output.numel():
        raise ConfigError(
            f"output {list(output.shape)} and target {list(target.shape)} hold different amounts "
            "of numbers; give the network one output per target."
        )
    return target.reshape(output.shape).to(output.dtype)
