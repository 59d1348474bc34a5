"""A rule of one's own works in the loop: micro-batches and the optimizer are not its business."""

from dataclasses import dataclass

import torch

from lamina.training.config import TrainingConfig
from lamina.training.loop import train
from lamina.training.optimizers import SGDConfig
from lamina.training.rules.base import AbstractRule
from lamina.training.schedules import ConstantConfig
from tests.training.tiny import TinyData, TinyNet, objective


@dataclass(frozen=True)
class CountingConfig:
    """Moves every weight by the number of samples over the batch: no gradient at all."""

    def build(self, model, objective, *, execution):
        return Counting(model)


class Counting(AbstractRule):
    def __init__(self, model):
        self.model = model

    def accumulate(self, batch, *, scale):
        for parameter in self.model.parameters():
            share = torch.full_like(parameter, len(batch) * scale)
            parameter.grad = share if parameter.grad is None else parameter.grad + share
        return torch.zeros(())


def test_a_rule_without_gradients_changes_weights():
    model, before = TinyNet(), TinyNet()
    config = TrainingConfig(
        batch_size=10,
        micro_batch_size=3,
        steps=4,
        rule=CountingConfig(),
        optimizer=SGDConfig(rate=0.25, momentum=0.0),
        schedule=ConstantConfig(),
    )
    train(model, TinyData(40), torch.arange(40), objective, config, seed=0)
    for own, old in zip(model.parameters(), before.parameters(), strict=True):
        assert torch.allclose(own, old - 1.0, atol=1e-6)
