"""How likely a text is heard, over all ways in which it can lie in time."""

import math

import numpy as np
import pytest
import torch

from lamina.runtime.transcript_likelihood import log_likelihoods


def test_all_ways_of_two_steps_are_added() -> None:
    # Of "a" in two steps: a a, a blank, blank a; of "aa" none, since a blank must stand between.
    shares = np.log([[[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]])
    expected = math.log(0.5 * 0.3 + 0.5 * 0.6 + 0.2 * 0.3)
    assert log_likelihoods(shares, [1])[0] == pytest.approx(expected)
    assert log_likelihoods(shares, [])[0] == pytest.approx(math.log(0.2 * 0.6))
    assert log_likelihoods(shares, [1, 2])[0] == pytest.approx(math.log(0.5 * 0.1))
    assert log_likelihoods(shares, [1, 1])[0] == -np.inf


def test_sounds_of_several_lengths_are_measured_as_torch_measures_them() -> None:
    torch.manual_seed(0)
    logs = torch.randn(4, 9, 5, dtype=torch.float64).log_softmax(dim=2)
    lengths, text = torch.tensor([9, 7, 5, 4]), torch.tensor([3, 3, 1, 4])
    told = torch.nn.functional.ctc_loss(
        logs.transpose(0, 1), text.repeat(4, 1), lengths, torch.full((4,), 4), reduction="none"
    )
    values = logs.numpy().copy()
    for row, length in enumerate(lengths.tolist()):
        values[row, length:] = np.nan
    np.testing.assert_allclose(log_likelihoods(values, text.tolist()), -told.numpy())
