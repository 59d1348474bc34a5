"""The number of steps follows the budget, and corrections wait for a state that is good."""

from types import SimpleNamespace

from lamina.training.budget import Budget
from lamina.training.processes import Processes
from lamina.training.sizing import Sizing
from lamina.training.state import Counters


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def made(budget, *, is_good=True, total_steps=100):
    clock = Clock()
    state = SimpleNamespace(counters=Counters(total_steps=total_steps))
    guard = SimpleNamespace(steps_lost=0, check=lambda *, is_forced: is_good)
    sizing = Sizing(
        budget, state, guard, Processes(), steps=(10, 10), elapsed=clock, energy=lambda: 0.0
    )
    return sizing, state.counters, guard, clock


def never():
    raise AssertionError("it was known already")


def test_the_first_number_is_what_fits():
    sizing, counters, _, _ = made(Budget(seconds=50.0, seconds_per_step=0.1))
    sizing.start(never)
    assert counters.total_steps == 500
    sizing, counters, _, _ = made(Budget(seconds=50.0, max_epochs=3))
    sizing.start(lambda: 0.1)
    assert counters.total_steps == 30


def test_without_a_budget_nothing_changes():
    sizing, counters, _, _ = made(None)
    sizing.start(never)
    assert sizing.correct() is None
    assert counters.total_steps == 100


def test_a_mark_corrects_by_what_steps_took():
    sizing, counters, guard, clock = made(Budget(seconds=50.0))
    counters.step, clock.seconds, guard.steps_lost = 20, 10.0, 5
    correction = sizing.correct()
    # 25 steps, 5 of them in vain, took 10 s: 40 s are 100 more.
    assert (correction["before"], correction["after"]) == (100, 120)
    assert counters.marks_passed == 1
    assert counters.progress() == 0.2


def test_a_bad_state_is_not_corrected_and_the_mark_is_looked_at_again():
    sizing, counters, _, clock = made(Budget(seconds=50.0), is_good=False)
    counters.step, clock.seconds = 20, 5.0
    assert sizing.correct() is None
    assert (counters.total_steps, counters.marks_passed) == (100, 0)
    assert counters.anchor_step == 0
