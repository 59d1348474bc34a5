"""From a sequence to one vector."""

import torch

from lamina.networks.layers.pooling import (
    attendable,
    first_pooling,
    last_pooling,
    max_pooling,
    mean_pooling,
)

SEQUENCE = torch.tensor([[[1.0, -5.0], [3.0, -7.0], [100.0, 100.0]]])
VALID = torch.tensor([[True, True, False]])


def test_numbers_by_hand() -> None:
    assert mean_pooling(SEQUENCE, VALID).tolist() == [[2.0, -6.0]]
    assert max_pooling(SEQUENCE, VALID).tolist() == [[3.0, -5.0]]
    assert first_pooling(SEQUENCE, VALID).tolist() == [[1.0, -5.0]]
    assert last_pooling(SEQUENCE, VALID).tolist() == [[3.0, -7.0]]


def test_an_empty_text_counts_as_its_first_position() -> None:
    ids = torch.tensor([[4, 5, 0], [0, 0, 0]])
    assert attendable(ids).tolist() == [[True, True, False], [True, False, False]]
