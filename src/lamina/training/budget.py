"""Budgets: the number of steps that fit into a time or an amount of energy.

The schedule is sized before the first step, from measured seconds per step, and corrected at a few
fixed shares of the progress where the machine turned out faster or slower by more than 5 %.
Progress goes on from where it is, so the learning rate never jumps. A correction is part of the
checkpoint.
"""

from dataclasses import dataclass

from lamina.core.errors import ConfigError

MARKS = (0.01, 0.04, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95)
"""Shares of the progress at which the number of steps is looked at again."""

DRIFT = 0.05
"""Relative change of the number of steps that is worth a correction."""

COOL_DOWN = 0.05
"""Share of the budget for the last steps when time has run out."""

_UNLIMITED = 1 << 62

HARD_STOP = 1.1
"""Share of the budget at which training ends whatever is left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """How much a training may spend."""

    seconds: float | None = None
    """Time for the loop: validation and saving included, start-up and evaluation not."""
    energy_j: float | None = None
    """Energy for the loop."""
    seconds_per_step: float | None = None
    """As the probe measured it; None: measured before the first step."""
    max_epochs: float | None = None
    """Never more passes through the samples than this, however much time there is."""

    def __post_init__(self) -> None:
        if self.seconds is None and self.energy_j is None:
            raise ConfigError("a budget needs seconds, energy_j or both.")
        if any(amount is not None and amount <= 0 for amount in (self.seconds, self.energy_j)):
            raise ConfigError(
                f"a budget must be above 0, got {self.seconds!r} seconds and {self.energy_j!r} J."
            )

    def max_steps(self, steps_per_epoch: int) -> int:
        """Return the most steps that are allowed, however much time there is.

        Args:
            steps_per_epoch: Steps in one pass through the samples.
        """
        if self.max_epochs is None:
            return _UNLIMITED
        return max(1, round(self.max_epochs * steps_per_epoch))

    def limit_s(self, spending: "Spending") -> float:
        """Return the whole time for the loop, the energy counted at the power so far.

        Args:
            spending: What was spent.
        """
        limits = [] if self.seconds is None else [self.seconds]
        if self.energy_j is not None and spending.energy_j > 0 and spending.elapsed_s > 0:
            power = spending.energy_j / spending.elapsed_s
            limits.append(spending.elapsed_s + (self.energy_j - spending.energy_j) / power)
        return min(limits) if limits else float("inf")


@dataclass(frozen=True, kw_only=True, slots=True)
class Spending:
    """What was spent, and what steps cost."""

    elapsed_s: float
    """Time in the loop so far."""
    energy_j: float
    """Energy so far; 0 where unknown."""
    seconds_per_step: float
    """Of late, without validation."""
    validation_seconds: float
    """Of one validation."""
    steps_per_validation: int
    """Steps between two validations."""


def fitting_steps(budget: Budget, spending: Spending) -> int:
    """Return how many further steps fit, with their validations and the last one.

    Args:
        budget: What may be spent.
        spending: What was spent, and what steps cost.

    Returns:
        At least 1.
    """
    left = budget.limit_s(spending) - spending.elapsed_s - spending.validation_seconds
    if left == float("inf"):
        raise ConfigError("an energy budget needs an energy meter.")
    whole = spending.seconds_per_step + spending.validation_seconds / spending.steps_per_validation
    return max(1, int(left / max(whole, 1e-9)))


def corrected_steps(budget: Budget, spending: Spending, *, step: int, total_steps: int) -> int:
    """Return the number of steps of the whole training, unchanged unless it drifts.

    Args:
        budget: What may be spent.
        spending: What was spent, and what steps cost.
        step: Steps done.
        total_steps: Steps of the whole training, as it stands.
    """
    left, fitting = total_steps - step, fitting_steps(budget, spending)
    if abs(fitting - left) <= DRIFT * max(left, 1):
        return total_steps
    return step + fitting


def cut_steps(budget: Budget, spending: Spending, *, step: int, total_steps: int) -> int:
    """Return the number of steps when time is nearly out: a short cool-down, or an end.

    Args:
        budget: What may be spent.
        spending: What was spent, and what steps cost.
        step: Steps done.
        total_steps: Steps of the whole training, as it stands.
    """
    limit = budget.limit_s(spending)
    if spending.elapsed_s + spending.validation_seconds >= HARD_STOP * limit:
        return step
    if spending.elapsed_s + spending.validation_seconds < limit:
        return total_steps
    cool_down = int(COOL_DOWN * limit / max(spending.seconds_per_step, 1e-9))
    return min(total_steps, step + max(1, cool_down))
