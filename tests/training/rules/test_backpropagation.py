"""The gradient is torch's own, and penalties add up to one under any split."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.networks.layers.ensemble_linear import EnsembleLinear
from lamina.networks.layers.mixture_of_experts import MixtureOfExpertsConfig
from lamina.training.execution import Execution
from lamina.training.rules.backpropagation import BackpropagationConfig
from tests.training.tiny import TinyData, TinyNet, objective

BATCH = TinyData(12).batch(torch.arange(12))


def gradients(config, cuts):
    model = TinyNet().eval()
    rule = config.build(model, objective, execution=Execution())
    total = sum(rule.accumulate(BATCH.rows(a, b), scale=1 / 12) for a, b in cuts)
    return model, total


@pytest.mark.parametrize("cuts", [[(0, 12)], [(0, 5), (5, 12)], [(i, i + 1) for i in range(12)]])
def test_the_gradient_of_the_mean_loss_and_the_penalties(cuts):
    config = BackpropagationConfig(l1=0.1, l2=0.3)
    model, total = gradients(config, cuts)
    expected = TinyNet().eval()
    losses = objective(expected(BATCH.inputs), BATCH)
    weights = [p for p in expected.parameters() if p.dim() > 1]
    penalty = sum(0.1 * w.abs().sum() + 0.15 * w.square().sum() for w in weights)
    (losses.mean() + penalty).backward()
    assert torch.allclose(total, losses.detach().sum(), atol=1e-5)
    for own, theirs in zip(model.parameters(), expected.parameters(), strict=True):
        assert torch.allclose(own.grad, theirs.grad, atol=1e-6)


def test_negative_penalties_are_refused():
    with pytest.raises(ConfigError, match="at least 0"):
        BackpropagationConfig(l1=-1.0)


class WithExperts(nn.Module):
    """A network whose answer does not depend on its experts: only their own loss trains them."""

    def __init__(self) -> None:
        super().__init__()
        self.experts = MixtureOfExpertsConfig(num_experts=4, top_k=1, balance=1.0).build(4)

    def forward(self, inputs):
        return {"y": 0.0 * self.experts(inputs["x"])}


def test_mixtures_of_experts_are_pushed_towards_balance():
    model = WithExperts()
    rule = BackpropagationConfig().build(model, objective, execution=Execution())
    rule.accumulate(BATCH, scale=1 / 12)
    assert model.experts.router.weight.grad.abs().sum() > 0


def test_biases_of_several_members_are_not_penalised():
    class Members(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = EnsembleLinear(4, 3, num_members=2)

        def forward(self, inputs):
            return {"y": self.linear(inputs["x"][:, None].expand(-1, 2, -1)) * 0.0}

    model = Members()
    rule = BackpropagationConfig(l2=1.0).build(
        model, lambda outputs, batch: outputs["y"].sum((1, 2)), execution=Execution()
    )
    rule.accumulate(BATCH, scale=1 / 12)
    assert torch.equal(model.linear.weight.grad, model.linear.weight)
    assert not model.linear.bias.grad.any()
