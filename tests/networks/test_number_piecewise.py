"""Piecewise-linear embeddings of numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import ConfigError
from lamina.networks.number_piecewise import NumberPiecewiseConfig, bin_edges
from tests.networks.specs import number_spec


def _encoder(quantiles, **settings):
    rows = np.asarray(quantiles, dtype=np.float32)
    spec = replace(number_spec(len(rows), (False,) * len(rows)), quantiles=rows)
    return NumberPiecewiseConfig(**settings).build(spec)


def test_numbers_by_hand() -> None:
    # Bins [0, 1] and [1, 3]. Half of the way through the first; through it and half of the second;
    # beyond the ends by more than the half bin that is let through.
    code = _encoder([[0.0, 1.0, 3.0]]).encode(torch.tensor([0.5, 2.0, -1.0, 5.0]).view(4, 1, 1))
    assert code[:, 0].tolist() == [[0.5, 0.0], [1.0, 0.5], [-0.5, 0.0], [1.0, 1.5]]


def test_without_limit_the_ends_go_on_as_in_the_paper() -> None:
    encoder = _encoder([[0.0, 1.0, 3.0]], overshoot=None)
    code = encoder.encode(torch.tensor([-4.0, 9.0]).view(2, 1, 1))
    assert code[:, 0].tolist() == [[-4.0, 0.0], [1.0, 4.0]]


def test_a_constant_column_has_no_bins() -> None:
    encoder = _encoder([[0.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    code = encoder.encode(torch.tensor([[0.5, 7.0]]).unsqueeze(2))
    assert code[0].tolist() == [[0.5, 0.0], [0.0, 0.0]]


def test_it_begins_as_a_linear_map() -> None:
    encoder = _encoder([[0.0, 1.0, 3.0]])
    features = encoder(torch.tensor([[0.0], [1.0], [2.0]]))
    torch.testing.assert_close(features[2] - features[1], features[1] - features[0])


def test_a_shared_value_makes_one_edge() -> None:
    assert bin_edges(np.array([0.0, 0.0, 0.0, 1.0, 2.0]), 8).tolist() == [0.0, 1.0, 2.0]


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=65), st.integers(1, 48))
def test_edges_ascend_and_keep_the_range(values, num_bins) -> None:
    edges = bin_edges(np.sort(np.array(values)), num_bins)
    assert len(edges) <= num_bins + 1
    assert (np.diff(edges) > 0).all()
    assert edges[0] == min(values)
    assert edges[-1] == max(values)


def test_without_quantiles_the_error_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="has no quantiles"):
        NumberPiecewiseConfig().build(replace(number_spec(1), quantiles=None))
    with pytest.raises(ConfigError, match="num_bins and width"):
        NumberPiecewiseConfig(num_bins=0)


def test_buffers_without_limit_are_finite_even_squared() -> None:
    encoder = _encoder([[0.0, 1.0, 3.0]], overshoot=None)
    assert all(value.square().sum().isfinite() for value in encoder.buffers())
