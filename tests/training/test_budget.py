"""Steps that fit, corrections by hand, and a real training that keeps its time."""

import time

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.training.budget import Budget, Spending, corrected_steps, cut_steps, fitting_steps
from lamina.training.checkpoint import CheckpointStore
from lamina.training.config import TrainingConfig
from lamina.training.energy import Energy, EnergyMeter, EstimatedCounter
from lamina.training.hooks import Hooks
from lamina.training.interrupt import StopRequest
from lamina.training.log import MemoryLogger
from lamina.training.loop import train
from lamina.training.state import Counters
from tests.training.tiny import TinyData, TinyNet, objective, weights_hash


def spending(**changes):
    values = {
        "elapsed_s": 10.0,
        "energy_j": 0.0,
        "seconds_per_step": 0.1,
        "validation_seconds": 1.0,
        "steps_per_validation": 10,
    }
    return Spending(**values | changes)


def test_fitting_steps_by_hand():
    # 60 - 10 - 1 for the last validation = 49 s; a step costs 0.1 + 1/10 = 0.2 s.
    assert fitting_steps(Budget(seconds=60.0), spending()) == 245
    assert fitting_steps(Budget(seconds=5.0), spending()) == 1


def test_energy_counts_at_the_power_so_far():
    # 200 J in 10 s: 20 W. 1000 J - 200 J last 40 s more: 50 s in all, 39 s for steps.
    budget = Budget(energy_j=1000.0)
    assert fitting_steps(budget, spending(energy_j=200.0)) == 195
    assert fitting_steps(Budget(seconds=31.0, energy_j=1000.0), spending(energy_j=200.0)) == 100
    with pytest.raises(ConfigError, match="energy meter"):
        fitting_steps(budget, spending())


def test_a_small_drift_is_left_alone():
    budget = Budget(seconds=60.0)
    assert corrected_steps(budget, spending(), step=50, total_steps=290) == 290
    assert corrected_steps(budget, spending(), step=50, total_steps=400) == 295
    assert corrected_steps(budget, spending(), step=50, total_steps=200) == 295


def test_out_of_time_means_a_short_cool_down_and_then_the_end():
    budget = Budget(seconds=60.0)
    assert cut_steps(budget, spending(elapsed_s=50.0), step=500, total_steps=900) == 900
    # 5 % of 60 s at 0.1 s a step.
    assert cut_steps(budget, spending(elapsed_s=59.5), step=500, total_steps=900) == 530
    assert cut_steps(budget, spending(elapsed_s=59.5), step=890, total_steps=900) == 900
    assert cut_steps(budget, spending(elapsed_s=66.0), step=500, total_steps=900) == 500


def test_progress_goes_on_from_where_it_is():
    counters = Counters(total_steps=100, step=40)
    assert counters.progress() == 0.4
    counters.change_total(50)
    assert counters.progress() == pytest.approx(0.4)
    counters.step = 45
    assert counters.progress() == pytest.approx(0.7)
    counters.step = 50
    assert counters.progress() == 1.0
    counters.change_total(20)
    assert counters.total_steps == 50
    assert counters.progress() == 1.0


@pytest.mark.parametrize("make", [Budget, lambda: Budget(seconds=0.0), lambda: Budget(energy_j=-1)])
def test_impossible_budgets_are_refused(make):
    with pytest.raises(ConfigError, match="budget"):
        make()


DATA = TinyData(320)
INDEX = torch.arange(320)


class Slow:
    """An objective that sleeps, so that the time of a step is known; slower after some steps."""

    def __init__(self, seconds, *, change_at=0, then=0.0):
        self.seconds, self.change_at, self.then, self.calls = seconds, change_at, then, 0

    def __call__(self, outputs, batch):
        self.calls += 1
        time.sleep(self.then if 0 < self.change_at <= self.calls else self.seconds)
        return objective(outputs, batch)


@pytest.fixture(autouse=True, scope="module")
def _torch_is_warm():
    """The first optimizer imports much of torch, which is no part of what is timed here."""
    train(TinyNet(), DATA, INDEX, objective, TrainingConfig(steps=2), seed=0)


@pytest.mark.parametrize("guess", [0.004, 0.002, 0.012])
def test_a_training_keeps_its_time_in_spite_of_a_wrong_guess(guess):
    hooks = Hooks(budget=Budget(seconds=2.0, seconds_per_step=guess), logger=MemoryLogger())
    begin = time.monotonic()
    train(TinyNet(), DATA, INDEX, Slow(0.004), TrainingConfig(batch_size=32), seed=0, hooks=hooks)
    assert time.monotonic() - begin == pytest.approx(2.0, rel=0.4)  # of a busy machine


def test_a_machine_that_slows_down_is_caught():
    slow = Slow(0.002, change_at=150, then=0.01)
    hooks = Hooks(budget=Budget(seconds=2.0, seconds_per_step=0.0028), logger=MemoryLogger())
    begin = time.monotonic()
    train(TinyNet(), DATA, INDEX, slow, TrainingConfig(batch_size=32), seed=0, hooks=hooks)
    assert time.monotonic() - begin == pytest.approx(2.0, rel=0.4)  # of a busy machine
    events = [record for record in hooks.logger.records if record.get("event") == "budget"]
    assert events
    assert events[-1]["after"] < events[0]["before"]


def test_without_a_guess_the_step_is_measured_and_the_cap_holds():
    budget = Budget(seconds=30.0, max_epochs=2)
    result = train(
        TinyNet(),
        DATA,
        INDEX,
        objective,
        TrainingConfig(batch_size=32),
        seed=0,
        hooks=Hooks(budget=budget),
    )
    assert result.steps == 20


def test_corrections_are_resumed_exactly(tmp_path):
    def hooks():
        return Hooks(
            budget=Budget(seconds=2.0, seconds_per_step=0.002),
            checkpoints=CheckpointStore(tmp_path, min_interval_s=100.0),
        )

    class Stop(Exception):
        pass

    class Failing(Slow):
        def __call__(self, outputs, batch):
            if self.calls == 60:
                raise Stop
            return super().__call__(outputs, batch)

    config = TrainingConfig(batch_size=32)
    with pytest.raises(Stop):
        train(TinyNet(), DATA, INDEX, Failing(0.004), config, seed=0, hooks=hooks())
    # The correction itself was saved, although no save was due.
    found = CheckpointStore(tmp_path).load()
    correction = found.document["counters"]["corrections"][-1]
    assert correction["step"] == found.document["counters"]["step"]
    assert correction["after"] == found.document["counters"]["total_steps"]
    finished = [TinyNet(), TinyNet()]
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in tmp_path.glob("*.safetensors"):
        (copy / path.name).write_bytes(path.read_bytes())
    for model, folder in zip(finished, (tmp_path, copy), strict=True):
        store = CheckpointStore(folder, min_interval_s=100.0)
        train(
            model,
            DATA,
            INDEX,
            objective,
            config,
            seed=0,
            hooks=Hooks(budget=Budget(seconds=1e-3, seconds_per_step=0.001), checkpoints=store),
        )
    assert weights_hash(finished[0]) == weights_hash(finished[1])


def test_an_energy_budget_is_kept():
    meter = EnergyMeter([EstimatedCounter(watts_per_core=10.0)])
    hooks = Hooks(budget=Budget(energy_j=8.0), meter=meter)
    config = TrainingConfig(batch_size=32)
    result = train(TinyNet(), DATA, INDEX, objective, config, seed=0, hooks=hooks)
    assert result.energy_j == pytest.approx(8.0, rel=0.3)


def test_an_end_for_lack_of_time_is_validated_too():
    logger = MemoryLogger()
    slow = Slow(0.001, change_at=30, then=0.25)
    hooks = Hooks(
        budget=Budget(seconds=0.5, seconds_per_step=0.001),
        validate=lambda model: {"a": 1.0},
        logger=logger,
    )
    result = train(TinyNet(), DATA, INDEX, slow, TrainingConfig(batch_size=32), seed=0, hooks=hooks)
    assert result.total_steps == result.steps < 400
    assert [record["step"] for record in result.history][-1] == result.steps
    assert len({record["step"] for record in result.history}) == len(result.history)


def test_the_first_guess_at_energy_is_made_while_steps_are_done():
    class Lazy:  # 1 W at rest, 50 W at work
        busy_s = 0.0

        def read(self):
            return Energy(joules=time.monotonic() + 49.0 * self.busy_s, method="", uncertainty=0.0)

    counter = Lazy()

    def working(outputs, batch):
        begin = time.monotonic()
        time.sleep(0.004)
        counter.busy_s += time.monotonic() - begin
        return objective(outputs, batch)

    logger = MemoryLogger()
    hooks = Hooks(
        budget=Budget(energy_j=100.0, seconds_per_step=0.005),
        meter=EnergyMeter([counter]),
        logger=logger,
        stop=StopRequest(),
    )
    hooks.stop.reason = "only the first guess counts here"
    train(TinyNet(), DATA, INDEX, working, TrainingConfig(batch_size=32), seed=0, hooks=hooks)
    # 100 J at about 40 W are 2.5 s, not the 100 s of a machine at rest.
    assert 100 < logger.records[0]["total_steps"] < 1500
