"""The contract of every rule: the loss goes down, and the same under any split."""

import pytest
import torch

from lamina.training.config import TrainingConfig
from lamina.training.loop import train
from lamina.training.optimizers import AdamConfig
from lamina.training.rules.table import RULES
from tests.training.tiny import TinyData, TinyNet, largest_difference, objective


@pytest.mark.parametrize("name", RULES)
def test_contract(name):
    data, models = TinyData(64), []
    for micro_batch_size in (None, 5):
        model = TinyNet()
        config = TrainingConfig(
            batch_size=16,
            micro_batch_size=micro_batch_size,
            epochs=8,
            rule=RULES[name].value(),
            optimizer=AdamConfig(rate=0.01),
        )
        result = train(model, data, torch.arange(64), objective, config, seed=0)
        assert result.history[-1]["loss"] < 0.9 * result.history[0]["loss"]
        models.append(model)
    assert largest_difference(*models) < 1e-4
    assert RULES[name].source
