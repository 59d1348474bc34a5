"""Orthogonal updates, alone and batched."""

import pytest
import torch
from torch import nn

from lamina.training.muon import Muon, orthogonalise


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 4, 20), (2, 20, 4)])
def test_singular_values_come_near_one(shape):
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalise(matrices, num_steps=6))
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_singular_vectors_stay():
    # A diagonal matrix stays diagonal, with its signs.
    result = orthogonalise(torch.diag(torch.tensor([3.0, -1.0, 2.0]))[None])[0]
    assert torch.allclose(result, torch.diag(result.diagonal()), atol=1e-6)
    assert result.diagonal().sign().tolist() == [1, -1, 1]


def test_batched_is_the_same_as_one_by_one():
    matrices = torch.randn(4, 6, 9)
    apart = torch.cat([orthogonalise(matrix[None]) for matrix in matrices])
    assert torch.allclose(orthogonalise(matrices), apart, atol=1e-5)


def test_the_first_step_by_hand():
    # A gradient with equal singular values g·I: momentum 0.05 g, mixed 0.05 g + 0.95 … all ∝ I,
    # so the update is c·I with the c that the iteration gives for I.
    weight = nn.Parameter(torch.zeros(4, 4))
    weight.grad = 7.0 * torch.eye(4)
    Muon([weight], lr=0.1).step()
    expected = -0.1 * orthogonalise(torch.eye(4)[None])[0]
    assert torch.allclose(weight.detach(), expected, atol=1e-6)


def test_filters_are_flattened_decayed_and_renormalised():
    weight = nn.Parameter(torch.randn(8, 3, 3, 3))
    weight.grad = torch.zeros_like(weight)
    Muon([weight], lr=0.1, weight_decay=0.5, renormalise=True).step()
    assert weight.norm().item() == pytest.approx(8**0.5 * 0.95, rel=1e-4)


def test_parameters_of_equal_shape_do_not_mix():
    together = [nn.Parameter(torch.zeros(5, 3)) for _ in range(2)]
    alone = nn.Parameter(torch.zeros(5, 3))
    gradients = torch.randn(2, 5, 3)
    for parameter, gradient in zip(together, gradients, strict=True):
        parameter.grad = gradient.clone()
    alone.grad = gradients[1].clone()
    Muon(together, lr=0.1).step()
    Muon([alone], lr=0.1).step()
    assert torch.allclose(together[1], alone, atol=1e-6)


def test_a_closure_gives_the_loss():
    weight = nn.Parameter(torch.ones(2, 2))

    def closure():
        loss = weight.square().sum()
        loss.backward()
        return loss

    assert Muon([weight], lr=0.1).step(closure).item() == 4.0
