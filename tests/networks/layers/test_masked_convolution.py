"""Convolutions that end where a series ends."""

import torch

from lamina.networks.layers.masked_convolution import MaskedConvolution, max_over_neighbours

VALID = torch.tensor([[[True, True, True, False]]])


def test_a_worked_example() -> None:
    layer = MaskedConvolution(1, 1, 2).eval()
    with torch.no_grad():
        layer.convolution.weight.copy_(torch.tensor([[[1.0, 10.0]]]))
        layer.norm.running_var.fill_(1 - layer.norm.eps)
    # An even kernel looks one step ahead; behind the end is nothing.
    found = layer(torch.tensor([[[1.0, 2.0, 3.0, 0.0]]]), VALID)
    torch.testing.assert_close(found, torch.tensor([[[21.0, 32.0, 3.0, 0.0]]]))


def test_as_many_steps_come_out_as_go_in() -> None:
    for size in (1, 2, 3, 8):
        assert MaskedConvolution(2, 3, size)(torch.randn(2, 2, 5), torch.ones(2, 1, 5)).shape == (
            *(2, 3, 5),
        )


def test_the_largest_neighbour_is_not_the_zero_behind_the_end() -> None:
    series = torch.tensor([[[-5.0, -4.0, -3.0, 0.0]]])
    assert max_over_neighbours(series, VALID).tolist() == [[[-4.0, -3.0, -3.0, 0.0]]]
