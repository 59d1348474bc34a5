"""Losses and gradients that are not finite are survived, told, and given up on after many."""

import dataclasses

import pytest
import torch
from torch import nn

from lamina.core.errors import TrainingError
from lamina.training.budget import Budget
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.guard import INTERVAL, Guard
from lamina.training.hooks import Hooks
from lamina.training.log import MemoryLogger
from lamina.training.loop import train
from lamina.training.optimizers import AdamWConfig, SGDConfig
from lamina.training.schedules import ConstantConfig
from tests.training.tiny import TinyData, TinyNet, objective, weights_hash

DATA = TinyData(64)
INDEX = torch.arange(64)
CONFIG = TrainingConfig(
    batch_size=4,
    epochs=10,
    optimizer=AdamWConfig(rate=0.01),
    validation=ValidationConfig(every=5),
)


class BadRows:
    """Gives a loss that is not finite whenever one of these rows is in the batch."""

    def __init__(self, *rows):
        self.rows = torch.tensor(rows)

    def __call__(self, outputs, batch):
        losses = objective(outputs, batch)
        return losses + torch.where(torch.isin(batch.index, self.rows), float("inf"), 0.0)


def fit(objective, config=CONFIG, model=None):
    model, logger = model or TinyNet(), MemoryLogger()
    result = train(model, DATA, INDEX, objective, config, seed=0, hooks=Hooks(logger=logger))
    events = [record for record in logger.records if record["kind"] == "event"]
    return model, result, events


def is_finite(model):
    return all(bool(torch.isfinite(value).all()) for value in model.state_dict().values())


def test_a_bad_batch_is_skipped_and_named():
    model, result, events = fit(BadRows(17))
    assert is_finite(model)
    assert result.steps == 160
    skipped = [event for event in events if event["event"] == "skipped batch"]
    # One epoch has 16 steps; row 17 is met in each of the 10 epochs.
    assert len(skipped) == 10
    assert all(17 in event["rows"] for event in skipped)
    assert all(event["rate_factor"] == 1 for event in events if event["event"] == "roll back")
    assert fit(objective)[1].history[-1]["loss"] == pytest.approx(
        result.history[-1]["loss"], rel=0.5
    )


def test_statistics_of_a_bad_batch_are_forgotten():
    class Normed(TinyNet):
        def __init__(self):
            super().__init__()
            self.body.insert(0, nn.BatchNorm1d(4))

    class Poisoned(TinyData):  # its bad row spoils the running statistics themselves
        def batch(self, index):
            batch = super().batch(index)
            batch.inputs["x"][index == 5] = float("nan")
            return batch

    model = Normed()
    train(model, Poisoned(64), INDEX, objective, CONFIG, seed=0)
    assert is_finite(model)


def test_a_divergence_halves_the_rate_from_the_last_good_state():
    # Above a rate of 2 / curvature gradient descent on a square grows without bound.
    class Square(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2, 4))

        def forward(self, inputs):
            return {"y": self.weight.mean().expand(len(inputs["x"]), 1) * 1.0}

    def cubic(outputs, batch):
        return outputs["y"][:, 0] ** 4

    config = dataclasses.replace(
        CONFIG, optimizer=SGDConfig(rate=40.0, momentum=0.0), schedule=ConstantConfig()
    )
    model, result, events = fit(cubic, config, Square())
    assert is_finite(model)
    factors = [event["rate_factor"] for event in events if event["event"] == "roll back"]
    assert factors[0] == 1
    assert 0 < min(factors) <= 0.5
    assert model.weight.mean().abs() < 1
    assert result.recoveries > 0


def test_a_hopeless_training_is_given_up_with_advice():
    def hopeless(outputs, batch):
        return objective(outputs, batch) * float("nan")

    with pytest.raises(TrainingError, match="Lower the learning rate"):
        fit(hopeless)


def test_without_trouble_nothing_is_written():
    _, result, events = fit(objective)
    assert events == []
    assert result.recoveries == 0


def test_going_back_restores_every_tensor():
    from lamina.training.groups import parameter_groups
    from lamina.training.processes import Processes
    from lamina.training.samples import SampleOrder
    from lamina.training.state import Counters, TrainingState

    model = TinyNet()
    state = TrainingState(
        model, AdamWConfig().build(parameter_groups(model)), None, Counters(total_steps=100)
    )
    samples = SampleOrder(DATA, INDEX, CONFIG, seed=0, processes=Processes(), transform=None)
    guard = Guard(state, samples, lambda event: None)
    before = weights_hash(model)
    with torch.no_grad():
        model.head.weight.fill_(float("inf"))
    state.counters.step = INTERVAL
    assert not guard.check()
    assert weights_hash(model) == before
    assert (state.counters.step, state.counters.careful_until) == (0, INTERVAL)
    assert guard.check(is_forced=True)


def test_weights_that_spoil_without_a_bad_loss_are_given_up_too():
    class Spoilt(TinyNet):  # a statistic that no loss shows
        def __init__(self):
            super().__init__()
            self.register_buffer("statistic", torch.zeros(1))

        def forward(self, inputs):
            if self.training:
                self.statistic.fill_(float("inf"))
            return super().forward(inputs)

    logger = MemoryLogger()
    with pytest.raises(TrainingError, match="rate halved 9 times"):
        train(Spoilt(), DATA, INDEX, objective, CONFIG, seed=0, hooks=Hooks(logger=logger))
    factors = [r["rate_factor"] for r in logger.records if r.get("event") == "roll back"]
    assert factors == [1.0, *(0.5**k for k in range(1, 10))]


def test_a_correction_of_the_budget_is_not_gone_back_behind():
    class Twice:  # bad once, after the first correction
        calls = 0

        def __call__(self, outputs, batch):
            self.calls += outputs["y"].requires_grad
            factor = float("inf") if self.calls == 12 else 1.0
            return objective(outputs, batch) * factor

    logger = MemoryLogger()
    hooks = Hooks(logger=logger, budget=Budget(seconds=20.0, seconds_per_step=0.1, max_epochs=20))
    train(TinyNet(), DATA, INDEX, Twice(), CONFIG, seed=0, hooks=hooks)
    first = next(r["step"] for r in logger.records if r.get("event") == "budget")
    (back,) = [r for r in logger.records if r.get("event") == "roll back"]
    assert 0 < first <= back["step"]
