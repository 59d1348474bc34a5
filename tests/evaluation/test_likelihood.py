"""Likelihoods, worked out by hand."""

import math

import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.evaluation.likelihood import bits_per_byte, nats_per_token, perplexity
from lamina.evaluation.predictions import Predictions

TWO = Predictions("likelihoods", np.array([[6.0, 3.0, 6.0], [2.0, 1.0, 2.0]]))


def test_means_are_over_all_tokens() -> None:
    assert nats_per_token(TWO, np.zeros(2)) == pytest.approx(2.0)
    assert bits_per_byte(TWO, np.zeros(2)) == pytest.approx(1.0 / math.log(2))
    assert perplexity(TWO, np.zeros(2)) == pytest.approx(math.exp(2.0))


def test_rows_weigh_as_often_as_they_are_drawn() -> None:
    likelihoods = Predictions("likelihoods", np.array([[6.0, 3.0, 3.0], [1.0, 1.0, 4.0]]))
    weights = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    found = nats_per_token(likelihoods, np.zeros(2), weights=weights)
    assert found == pytest.approx([2.0, 1.0, 7 / 4])


def test_three_columns_are_needed() -> None:
    with pytest.raises(DataError, match="3 columns"):
        Predictions("likelihoods", np.zeros((2, 2)))
