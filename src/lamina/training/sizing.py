"""Keeps the number of steps of a training to its budget, at the start and while it runs.

What fits is worked out in `budget.py`; here it is asked at the right moments, of what was measured,
and written into the counters.
"""

from collections.abc import Callable
from typing import Any, final

from lamina.training.budget import (
    MARKS,
    Budget,
    Spending,
    corrected_steps,
    cut_steps,
    fitting_steps,
)
from lamina.training.guard import Guard
from lamina.training.processes import Processes
from lamina.training.state import TrainingState


@final
class Sizing:
    """Fits the number of steps to a budget.

    Args:
        budget: What may be spent; None leaves the number of steps alone.
        state: What is trained; its counters are changed.
        guard: Looks at the state before a correction.
        processes: The first decides for all.
        steps: Steps in an epoch, and between two validations.
        elapsed: Returns the seconds spent so far.
        energy: Returns the joules spent so far.
    """

    def __init__(
        self,
        budget: Budget | None,
        state: TrainingState,
        guard: Guard,
        processes: Processes,
        *,
        steps: tuple[int, int],
        elapsed: Callable[[], float],
        energy: Callable[[], float],
    ) -> None:
        self._budget, self._state, self._guard = budget, state, guard
        self._processes = processes
        self._per_epoch, self._per_validation = steps
        self._elapsed, self._energy = elapsed, energy
        self._mark = self._place()

    def start(self, measure: Callable[[], float]) -> None:
        """Set the number of steps of a fresh training.

        Args:
            measure: Takes some steps on the side and returns the seconds of one.
        """
        budget = self._budget
        if budget is None:
            return
        seconds = budget.seconds_per_step
        # Energy is counted at the power so far, and so far the machine has hardly done a step.
        if seconds is None or budget.energy_j is not None:
            measured = measure()
            seconds = measured if seconds is None else seconds
        # What a validation takes is unknown before the first; the marks know better.
        spending = self._spending(seconds, validation_seconds=0.0)
        most = budget.max_steps(self._per_epoch)
        total = self._processes.share(min(fitting_steps(budget, spending), most))
        self._state.counters.total_steps = total
        self._mark = self._place()

    def correct(self) -> dict[str, Any] | None:
        """Look at the budget at its marks, and when time is nearly out.

        Returns:
            What was changed, for the log; None where nothing was.
        """
        counters, budget = self._state.counters, self._budget
        if budget is None or counters.is_over:
            return None
        is_mark = counters.marks_passed < len(MARKS) and (
            counters.progress() >= MARKS[counters.marks_passed]
        )
        # At fixed steps, not at times, so that all processes look together.
        if not is_mark and counters.step % max(1, counters.total_steps // 50):
            return None
        change = corrected_steps if is_mark else cut_steps
        spending = self._spending(self._recent(), validation_seconds=counters.validation_seconds)
        wanted = change(budget, spending, step=counters.step, total_steps=counters.total_steps)
        total = self._processes.share(min(wanted, budget.max_steps(self._per_epoch)))
        # Progress runs straight from a correction on, so nothing may go back behind one.
        if total != counters.total_steps and not self._guard.check(is_forced=True):
            return None
        if is_mark:
            counters.marks_passed += 1
            self._mark = self._place()
        if total == counters.total_steps:
            return None
        correction = {
            "step": counters.step,
            "seconds": self._elapsed(),
            "seconds_per_step": spending.seconds_per_step,
            "before": counters.total_steps,
            "after": total,
        }
        counters.change_total(total)
        counters.corrections.append(correction)
        return correction

    def _spending(self, seconds_per_step: float, *, validation_seconds: float) -> Spending:
        return Spending(
            elapsed_s=self._elapsed(),
            energy_j=self._energy(),
            seconds_per_step=seconds_per_step,
            validation_seconds=validation_seconds,
            steps_per_validation=self._per_validation,
        )

    def _recent(self) -> float:
        """Return the seconds of a step since the last mark, without validation."""
        steps, elapsed, validating = (
            now - then for now, then in zip(self._place(), self._mark, strict=True)
        )
        return (elapsed - validating) / max(1, steps)

    def _place(self) -> tuple[int, float, float]:
        """Return the steps taken, those in vain included, the time, and that of validation."""
        counters = self._state.counters
        steps = counters.step + self._guard.steps_lost
        return steps, self._elapsed(), counters.validation_total_s
