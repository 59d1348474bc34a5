"""Projections to two dimensions."""

import numpy as np
import torch
from sklearn.decomposition import PCA

from lamina.explanation.projection import principal_components, tsne


def test_components_equal_those_of_scikit_learn():
    features = torch.randn(60, 7, generator=torch.Generator().manual_seed(0))
    points, shares = principal_components(features)
    wanted = PCA(2).fit(features.numpy().astype(np.float64))
    other = wanted.transform(features.numpy().astype(np.float64))
    for axis in range(2):
        sign = np.sign(points[0, axis].item() * other[0, axis])
        assert np.allclose(points[:, axis].numpy(), sign * other[:, axis], atol=1e-4)
    assert np.allclose(shares, wanted.explained_variance_ratio_, atol=1e-6)


def test_few_dimensions_leave_zeros():
    points, shares = principal_components(torch.arange(5.0)[:, None])
    assert points[:, 1].abs().max() == 0
    assert shares == (1.0, 0.0)
    assert principal_components(torch.ones(4, 3))[0].abs().max() == 0


def test_groups_stay_apart_in_tsne():
    chance = torch.Generator().manual_seed(0)
    features = torch.randn(60, 5, generator=chance)
    features[30:] += 12
    points = tsne(features)
    inside = torch.cdist(points[:30], points[:30]).mean()
    assert torch.cdist(points[:30], points[30:]).mean() > 2 * inside
    assert torch.equal(tsne(features), points)
