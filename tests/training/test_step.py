"""One step: rates, progress for modules that ask, and clipping."""

import pytest
import torch
from torch import nn

from lamina.training.config import TrainingConfig
from lamina.training.execution import Execution
from lamina.training.groups import parameter_groups
from lamina.training.optimizers import SGDConfig
from lamina.training.processes import Processes
from lamina.training.samples import SampleOrder
from lamina.training.schedules import FlatCosineConfig, LinearConfig
from lamina.training.state import Counters, TrainingState
from lamina.training.step import Stepper
from tests.training.tiny import TinyData, TinyNet, objective


class Listening(nn.Module):
    def __init__(self):
        super().__init__()
        self.heard = []

    def set_progress(self, progress):
        self.heard.append(progress)

    def forward(self, value):
        return value


def stepper(model, config, *, total_steps=10):
    optimizers = config.optimizer.build(parameter_groups(model))
    state = TrainingState(model, optimizers, None, Counters(total_steps=total_steps))
    samples = SampleOrder(
        TinyData(40), torch.arange(40), config, seed=0, processes=Processes(), transform=None
    )
    rule = config.rule.build(model, objective, execution=Execution())
    return Stepper(state, samples, rule, config, seed=0, processes=Processes())


def test_rate_and_decay_follow_their_schedules():
    config = TrainingConfig(
        batch_size=10,
        optimizer=SGDConfig(rate=0.4, weight_decay=0.1),
        schedule=LinearConfig(warmup=0.0),
        decay_schedule=FlatCosineConfig(),
    )
    model = TinyNet()
    taken = stepper(model, config)
    rates, decays = [], []
    group = taken._state.optimizers[0].param_groups[0]
    for _ in range(10):
        taken.take()
        rates.append(taken.rate())
        decays.append(group["weight_decay"])
    # The factor belongs to the progress before the step: 0, 1/10, …
    assert rates == pytest.approx([0.4 * (1 - i / 10) for i in range(10)])
    assert decays[:6] == pytest.approx([0.1] * 6)
    assert decays[9] < 0.02


def test_modules_that_ask_hear_of_the_progress():
    model = TinyNet()
    model.body.append(Listening())
    taken = stepper(model, TrainingConfig(batch_size=10))
    for _ in range(3):
        taken.take()
    assert model.body[-1].heard == pytest.approx([0.0, 0.1, 0.2])


def test_clipping_bounds_the_change():
    config = TrainingConfig(
        batch_size=40,
        clip=0.01,
        optimizer=SGDConfig(rate=1.0, momentum=0.0),
        schedule=LinearConfig(warmup=0.0),
    )
    model = TinyNet()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    assert stepper(model, config).take() == 40
    change = [p.detach() - b for p, b in zip(model.parameters(), before, strict=True)]
    assert torch.stack([c.square().sum() for c in change]).sum().sqrt().item() == pytest.approx(
        0.01, rel=1e-3
    )
