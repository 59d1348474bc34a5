"""Penalties by hand."""

import torch

from lamina.objectives.penalties import l1, l2

WEIGHTS = [torch.tensor([1.0, -2.0]), torch.tensor([[3.0]])]


def test_by_hand():
    assert l1(WEIGHTS).item() == 6.0
    assert l2(WEIGHTS).item() == 7.0
    assert l1([]).item() == 0.0


def test_the_gradient_of_l2_is_the_weight():
    weight = torch.randn(4, requires_grad=True)
    l2([weight]).backward()
    assert torch.allclose(weight.grad, weight.detach())
