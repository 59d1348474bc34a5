"""Weights by name where shapes agree, freezing, and slower rates for what was taken."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.training.config import TrainingConfig
from lamina.training.loop import train
from lamina.training.transfer import freeze, set_training_mode, transfer_rates, transfer_weights
from tests.training.tiny import TinyData, TinyNet, objective


def test_what_fits_is_taken_and_the_rest_is_told():
    other = TinyNet(classes=5, seed=7)
    tensors = dict(other.state_dict()) | {"extra": torch.ones(1)}
    model = TinyNet()
    head = model.head.weight.clone()
    report = transfer_weights(model, tensors)
    assert report.taken == ("body.0.weight", "body.0.bias")
    assert report.other_shape == ("head.weight", "head.bias")
    assert report.fresh == ()
    assert report.unused == ("extra",)
    assert torch.equal(model.body[0].weight, other.body[0].weight)
    assert torch.equal(model.head.weight, head)
    assert report.summary() == (
        "2 tensors taken, 2 of another shape start afresh, 1 were not needed."
    )


def test_nothing_that_fits_is_an_error():
    with pytest.raises(ConfigError, match="none of the 1 weights"):
        transfer_weights(TinyNet(), {"other": torch.ones(1)})


def test_frozen_weights_stay():
    model, before = TinyNet(), TinyNet()
    assert freeze(model, ["body.*"]) == ("body.0.weight", "body.0.bias")
    data = TinyData(64)
    train(model, data, torch.arange(64), objective, TrainingConfig(batch_size=16, epochs=2), seed=0)
    assert torch.equal(model.body[0].weight, before.body[0].weight)
    assert not torch.equal(model.head.weight, before.head.weight)


@pytest.mark.parametrize(
    ("patterns", "message"), [(["x*"], "fits no"), (["*"], "nothing to train")]
)
def test_bad_patterns_are_answered(patterns, message):
    with pytest.raises(ConfigError, match=message):
        freeze(TinyNet(), patterns)


def test_rates_fall_with_depth():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2))
    taken = {name: value for name, value in model.state_dict().items() if name[0] in "01"}
    report = transfer_weights(model, taken)
    rates = transfer_rates(model, report, rate=0.2, per_layer=0.5)
    assert rates == {"0.weight": 0.1, "0.bias": 0.1, "1.weight": 0.2, "1.bias": 0.2}
    with pytest.raises(ConfigError, match="per_layer"):
        transfer_rates(model, report, per_layer=0.0)


def test_frozen_statistics_do_not_move():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3), nn.Dropout(0.5))
    model[0].requires_grad_(False)
    set_training_mode(model)
    assert [module.training for module in model] == [False, True, True]
