"""What stands beside each other of two things."""

import torch

from lamina.networks.pairs.base import beside, width_beside

ONE, OTHER = torch.tensor([[1.0, -2.0]]), torch.tensor([[3.0, 4.0]])


def test_by_hand() -> None:
    found = beside(ONE, OTHER, is_symmetric=False)
    assert found.tolist() == [[1, -2, 3, 4, 2, 6, 3, -8]]
    assert width_beside(2, is_symmetric=False) == 8


def test_symmetric_it_is_the_same_both_ways() -> None:
    found = beside(ONE, OTHER, is_symmetric=True)
    assert found.tolist() == [[4, 2, 2, 6, 3, -8]]
    assert torch.equal(found, beside(OTHER, ONE, is_symmetric=True))
    assert width_beside(2, is_symmetric=True) == 6
