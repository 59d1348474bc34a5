"""Whitening filters."""

import torch
from torch.nn import functional as F

from lamina.networks.layers import whitening
from lamina.networks.layers.whitening import whitening_filters


def test_answers_are_uncorrelated_and_of_equal_size() -> None:
    torch.manual_seed(0)
    mixed = torch.einsum("oc,bchw->bohw", torch.randn(2, 2), torch.randn(200, 2, 8, 8))
    filters = whitening_filters(mixed, 2, epsilon=0.0)
    assert filters.shape == (16, 2, 2, 2)
    assert torch.equal(filters[:8], -filters[8:])
    answers = F.conv2d(mixed, filters[:8]).permute(1, 0, 2, 3).flatten(1)
    covariance = answers @ answers.T / answers.shape[1]
    torch.testing.assert_close(covariance, torch.eye(8), rtol=1e-3, atol=1e-3)


def test_the_strongest_component_comes_first() -> None:
    # A picture of one grey: the strongest component is the mean of the patch.
    pictures = torch.randn(100, 1, 1, 1).expand(100, 1, 4, 4)
    first = whitening_filters(pictures, 2)[0].flatten()
    torch.testing.assert_close(first / first[0], torch.ones(4), rtol=1e-3, atol=1e-3)


def test_pictures_are_looked_at_in_pieces(monkeypatch) -> None:
    pictures = torch.randn(50, 3, 6, 6, dtype=torch.float64)
    whole = whitening_filters(pictures, 2)
    monkeypatch.setattr(whitening, "_PIXELS", 7 * 3 * 36)
    torch.testing.assert_close(whitening_filters(pictures, 2).abs(), whole.abs())
