"""Numbers as they are."""

import torch
from torch import nn

from lamina.networks.number_linear import MissingIndicators, NumberLinearConfig, fill_missing
from tests.networks.specs import number_spec

NAN = float("nan")


class _Filled(nn.Module):
    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        return fill_missing(numbers)


def test_a_missing_number_is_zero_with_an_indicator() -> None:
    encoder = NumberLinearConfig().build(number_spec(3, (False, True, False)))
    features = encoder(torch.tensor([[1.0, NAN, 3.0], [4.0, 5.0, NAN]]))
    assert features.tolist() == [[1.0, 0.0, 3.0, 1.0], [4.0, 5.0, 0.0, 0.0]]
    assert encoder.out_features == 4
    assert encoder.blocks() == (1, 1, 1, 1)


def test_where_nobody_knows_every_column_has_an_indicator() -> None:
    assert NumberLinearConfig().build(number_spec(3)).out_features == 6


def test_without_missing_values_the_numbers_go_through() -> None:
    encoder = NumberLinearConfig().build(number_spec(2, (False, False)))
    numbers = torch.randn(4, 2)
    assert torch.equal(encoder(numbers), numbers)


def test_parts() -> None:
    numbers = torch.tensor([[NAN, 2.0]])
    assert fill_missing(numbers).tolist() == [[0.0, 2.0]]
    program = torch.export.export(_Filled(), (numbers,))
    assert program.module()(numbers).tolist() == [[0.0, 2.0]]
    assert MissingIndicators(number_spec(2))(numbers).tolist() == [[1.0, 0.0]]
