"""Averages by hand, and weights that come back."""

import pytest
import torch
from torch import nn

from lamina.training.average import WeightAverage
from tests.training.tiny import TinyNet, weights_hash


def test_the_average_by_hand():
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    average = WeightAverage(model, decay=0.5)
    nn.init.constant_(model.weight, 10.0)
    average.update(0)  # keeps min(0.5, 1/10): 0.1 × 0 + 0.9 × 10
    assert average.tensors["weight"].item() == pytest.approx(9.0)
    nn.init.zeros_(model.weight)
    average.update(100)  # keeps 0.5
    assert average.tensors["weight"].item() == pytest.approx(4.5)


def test_weights_come_back_even_after_an_error():
    model = TinyNet()
    average = WeightAverage(model, decay=0.9)
    before = weights_hash(model)
    with torch.no_grad():
        model.head.weight.add_(1.0)
    changed = weights_hash(model)

    def fail():
        with average.applied():
            assert weights_hash(model) == before
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert weights_hash(model) == changed
    average.store()
    assert weights_hash(model) == before


def test_floating_buffers_are_averaged_and_counters_are_not():
    average = WeightAverage(nn.BatchNorm1d(2), decay=0.9)
    assert set(average.tensors) == {"weight", "bias", "running_mean", "running_var"}
