"""Tests of the order of the sizes of pictures."""

import numpy as np
import pytest

from lamina.data.channels import channels_last


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((2, 8, 9), (2, 8, 9)),
        ((2, 8, 9, 3), (2, 8, 9, 3)),
        ((2, 4, 8, 9), (2, 8, 9, 4)),
        ((2, 3, 9, 4), (2, 3, 9, 4)),
        ((2, 8, 9, 1), (2, 8, 9)),
        ((2, 1, 8, 9), (2, 8, 9)),
    ],
)
def test_sizes(given, wanted):
    assert channels_last(np.zeros(given)).shape == wanted


def test_values_move_with_their_channel():
    values = np.arange(2 * 3 * 5 * 6).reshape(2, 3, 5, 6)
    assert channels_last(values)[1, 2, 4, 0] == values[1, 0, 2, 4]
