"""The contract of every optimizer, and rates that follow the schedule."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.training.groups import parameter_groups
from lamina.training.muon import Muon
from lamina.training.optimizers import (
    OPTIMIZERS,
    AdamConfig,
    AdamWConfig,
    MuonConfig,
    RMSpropConfig,
    SGDConfig,
    set_rate,
)
from tests.training.tiny import TinyData, TinyNet, objective


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_lowers_a_loss(name):
    model, data = TinyNet(), TinyData()
    batch = data.batch(torch.arange(100))
    optimizers = OPTIMIZERS[name].value(rate=0.02).build(parameter_groups(model))
    losses = []
    for _ in range(30):
        model.zero_grad()
        loss = objective(model(batch.inputs), batch).mean()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert OPTIMIZERS[name].source


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_parameter_has_exactly_one_optimizer(name):
    model = TinyNet()
    optimizers = OPTIMIZERS[name].value().build(parameter_groups(model))
    owned = [p for o in optimizers for group in o.param_groups for p in group["params"]]
    assert {id(p) for p in owned} == {id(p) for p in model.parameters()}
    assert len(owned) == len(list(model.parameters()))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rate_must_be_positive(name):
    with pytest.raises(ConfigError, match="above 0"):
        OPTIMIZERS[name].value(rate=0.0)


def test_set_rate_multiplies_rates_and_decays():
    model = TinyNet()
    groups = parameter_groups(model, rates={"head.*": 0.5})
    (optimizer,) = AdamWConfig(rate=0.2, weight_decay=0.1).build(groups)
    set_rate([optimizer], rate=0.5, decay=0.3)
    found = {
        id(p): (group["lr"], group["weight_decay"])
        for group in optimizer.param_groups
        for p in group["params"]
    }
    assert found[id(model.body[0].weight)] == pytest.approx((0.1, 0.03))
    assert found[id(model.head.weight)] == pytest.approx((0.05, 0.03))
    assert found[id(model.head.bias)] == pytest.approx((0.05, 0.0))


def test_groups_that_are_alike_are_merged():
    (optimizer,) = AdamConfig().build(parameter_groups(TinyNet()))
    assert len(optimizer.param_groups) == 1


def test_muon_takes_matrices_and_leaves_the_rest():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    rest, muon = MuonConfig(rest=SGDConfig()).build(parameter_groups(model))
    assert isinstance(muon, Muon)
    assert isinstance(rest, torch.optim.SGD)
    assert [id(p) for p in muon.param_groups[0]["params"]] == [id(model[0].weight)]
    assert len(MuonConfig().build(parameter_groups(nn.Linear(2, 2, bias=False)))) == 1


def test_a_muon_without_steps_is_refused():
    with pytest.raises(ConfigError, match="num_steps"):
        MuonConfig(num_steps=0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdamWConfig(betas=(0.9, 1.0)), "betas must be in"),
        (lambda: AdamConfig(betas=(-0.1, 0.9)), "betas must be in"),
        (lambda: AdamConfig(epsilon=0.0), "epsilon must be above 0"),
        (lambda: SGDConfig(momentum=-0.5), "momentum must be in"),
        (lambda: MuonConfig(momentum=1.5), "momentum must be in"),
        (lambda: RMSpropConfig(smoothing=1.0), "smoothing must be in"),
    ],
)
def test_shares_out_of_range_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
