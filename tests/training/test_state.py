"""Tensors and counters survive the way to a checkpoint and back."""

import json

import pytest
import torch

from lamina.core.errors import BundleError
from lamina.training.average import WeightAverage
from lamina.training.groups import parameter_groups
from lamina.training.optimizers import OPTIMIZERS
from lamina.training.schedules import SCHEDULES
from lamina.training.state import Counters, TrainingState
from tests.training.tiny import TinyData, TinyNet, objective, weights_hash

BATCH = TinyData(20).batch(torch.arange(20))


def make(name, seed=0):
    model = TinyNet(seed=seed)
    optimizers = OPTIMIZERS[name].value().build(parameter_groups(model))
    average = WeightAverage(model, decay=0.9)
    return TrainingState(model.eval(), optimizers, average, Counters(total_steps=9))


def step(state):
    state.model.zero_grad()
    objective(state.model(BATCH.inputs), BATCH).mean().backward()
    for optimizer in state.optimizers:
        optimizer.step()
    state.average.update(state.counters.step)
    state.counters.step += 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_on_bit_identically(name):
    first = make(name)
    for _ in range(3):
        step(first)
    first.best = {"a": torch.ones(2)}
    tensors, document = first.to_checkpoint()
    tensors = {key: value.clone() for key, value in tensors.items()}
    second = make(name, seed=5)
    step(second)
    second.from_checkpoint(tensors, json.loads(json.dumps(document)))
    for state in (first, second):
        step(state)
    assert weights_hash(first.model) == weights_hash(second.model)
    live = first.live_tensors()
    for key, value in second.live_tensors().items():
        assert torch.equal(value, live[key]), key
    assert second.counters == first.counters
    assert torch.equal(second.best["a"], torch.ones(2))


def test_a_checkpoint_that_does_not_fit_is_refused():
    state = make("adam")
    tensors, document = state.to_checkpoint()
    del tensors["model/head.bias"]
    with pytest.raises(BundleError, match="does not fit this training"):
        state.from_checkpoint(tensors, document)
    tensors, document = make("adam").to_checkpoint()
    with pytest.raises(BundleError, match="does not fit this training"):
        state.from_checkpoint(tensors, {"counters": {"unknown": 1}})


@pytest.mark.parametrize("name", SCHEDULES)
def test_progress_never_falls_below_that_of_the_last_correction(name):
    counters = Counters(total_steps=100, step=3)
    counters.change_total(20)
    counters.step = 0
    assert counters.progress() == 0.03
    assert SCHEDULES[name].value().factor(counters.progress()) >= 0
