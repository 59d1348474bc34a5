"""Schedules: the factor on the learning rate as a pure function of progress in [0, 1].

Progress is the share of the training that is done. It is not a step number, so that a budget can
redefine how many steps there are while the schedule stays the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lamina.core.errors import ConfigError
from lamina.core.table import Entry, table


class Schedule(Protocol):
    """What every config of the table can do."""

    def factor(self, progress: float) -> float:
        """Return the factor on the learning rate.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class ConstantConfig:
    """The same rate throughout."""

    def factor(self, progress: float) -> float:  # noqa: ARG002
        """Return 1.

        Args:
            progress: Share of the training that is done.
        """
        return 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class LinearConfig:
    """Up within a warm-up, then straight down.

    Source:
        Bergsma et al. 2025, "Straight to zero", arXiv:2502.15938.
    """

    warmup: float = 0.05
    """Share of the training in which the rate rises, in [0, 1)."""
    floor: float = 0.0
    """Factor at the end."""

    def __post_init__(self) -> None:
        _check_share("warmup", self.warmup)
        _check_factors(floor=self.floor)

    def factor(self, progress: float) -> float:
        """Return the factor on the learning rate.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        rise, rest = _split(progress, self.warmup)
        return rise if rise < 1 else self.floor + (1 - self.floor) * (1 - rest)


@dataclass(frozen=True, kw_only=True, slots=True)
class CosineConfig:
    """Up within a warm-up, then down along half a cosine.

    Source:
        Loshchilov and Hutter 2017, "SGDR", arXiv:1608.03983. Differs: no restarts; a warm-up.
    """

    warmup: float = 0.05
    """Share of the training in which the rate rises, in [0, 1)."""
    floor: float = 0.0
    """Factor at the end."""

    def __post_init__(self) -> None:
        _check_share("warmup", self.warmup)
        _check_factors(floor=self.floor)

    def factor(self, progress: float) -> float:
        """Return the factor on the learning rate.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        rise, rest = _split(progress, self.warmup)
        return rise if rise < 1 else _fall(1.0, self.floor, rest)


@dataclass(frozen=True, kw_only=True, slots=True)
class OneCycleConfig:
    """Up from a small rate along half a cosine, then down to nearly nothing.

    Source:
        Smith and Topin 2018, "Super-convergence", arXiv:1708.07120. Differs: cosine pieces, no
        cycle of the momentum.
    """

    peak: float = 0.3
    """Share of the training at which the rate is highest, in (0, 1)."""
    start: float = 0.04
    """Factor at the beginning."""
    floor: float = 1e-4
    """Factor at the end."""

    def __post_init__(self) -> None:
        if not 0 < self.peak < 1:
            raise ConfigError(f"peak must be in (0, 1), got {self.peak!r}. Try 0.3.")
        _check_factors(start=self.start, floor=self.floor)

    def factor(self, progress: float) -> float:
        """Return the factor on the learning rate.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        if progress < self.peak:
            return _fall(self.start, 1.0, progress / self.peak)
        return _fall(1.0, self.floor, (progress - self.peak) / (1 - self.peak))


@dataclass(frozen=True, kw_only=True, slots=True)
class StepConfig:
    """Lower by a factor at each milestone."""

    milestones: tuple[float, ...] = (0.5, 0.75)
    """Shares of the training after which the rate drops, rising."""
    factor_per_step: float = 0.1
    """Factor at each milestone."""

    def __post_init__(self) -> None:
        if list(self.milestones) != sorted(self.milestones):
            raise ConfigError(f"milestones must rise, got {self.milestones!r}. Try (0.5, 0.75).")
        _check_factors(factor_per_step=self.factor_per_step)

    def factor(self, progress: float) -> float:
        """Return the factor on the learning rate.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        return self.factor_per_step ** sum(progress >= mark for mark in self.milestones)


@dataclass(frozen=True, kw_only=True, slots=True)
class Coslog4Config:
    """Four cosine cycles on a logarithmic axis, for tables.

    Source:
        Holzmüller et al. 2024, "Better by default: strong pre-tuned MLPs and boosted trees on
        tabular data" (RealMLP), arXiv:2407.04491: ½ (1 - cos(2π log2(1 + 15 t))).
    """

    def factor(self, progress: float) -> float:
        """Return the factor on the learning rate.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        return 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * progress)))


@dataclass(frozen=True, kw_only=True, slots=True)
class FlatCosineConfig:
    """Full in the first part, then down along half a cosine; also for weight decay and dropout.

    Source:
        Holzmüller et al. 2024, arXiv:2407.04491 ("flat_cos").
    """

    flat: float = 0.5
    """Share of the training before the fall, in [0, 1)."""

    def __post_init__(self) -> None:
        _check_share("flat", self.flat)

    def factor(self, progress: float) -> float:
        """Return the factor on the learning rate.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        return _fall(1.0, 0.0, max(0.0, progress - self.flat) / (1 - self.flat))


SCHEDULES: Mapping[str, Entry[Any]] = table(
    Entry("constant", ConstantConfig, "The same rate throughout."),
    Entry("linear", LinearConfig, "Warm-up, then straight to zero.", "arXiv:2502.15938"),
    Entry("cosine", CosineConfig, "Warm-up, then half a cosine.", "arXiv:1608.03983"),
    Entry("one_cycle", OneCycleConfig, "Up and down once.", "arXiv:1708.07120"),
    Entry("step", StepConfig, "Drops at milestones."),
    Entry("coslog4", Coslog4Config, "Four logarithmic cosine cycles.", "arXiv:2407.04491"),
    Entry("flat_cosine", FlatCosineConfig, "Flat, then half a cosine.", "arXiv:2407.04491"),
)
"""Every schedule that a plan can name."""


def _split(progress: float, warmup: float) -> tuple[float, float]:
    """Return how much of the warm-up is done, and how much of the rest."""
    if progress < warmup:
        return progress / warmup, 0.0
    return 1.0, min(1.0, (progress - warmup) / (1 - warmup))


def _fall(high: float, low: float, share: float) -> float:
    return low + (high - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, share)))


def _check_share(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ConfigError(f"{name} must be in [0, 1), got {value!r}. Use 0 for none.")


def _check_factors(**factors: float) -> None:
    for name, value in factors.items():
        if not value >= 0:
            raise ConfigError(f"{name} must be at least 0, got {value!r}. Use 0 for no rate.")
