"""Representations in two dimensions, to look at: principal components, or t-SNE.

Source: Pearson 1901 (principal components); van der Maaten and Hinton 2008, "Visualizing data using
t-SNE".
"""

import warnings

import torch
from torch import Tensor

TSNE_ROWS = 500
"""Samples up to which t-SNE takes about a second."""


def principal_components(features: Tensor, count: int = 2) -> tuple[Tensor, tuple[float, ...]]:
    """Return the first principal components, and the share of the variance that each holds.

    Signs are settled, so that the same features always give the same picture.

    Args:
        features: float [samples, features].
        count: Components wanted.

    Returns:
        float [samples, count], zeros beyond the rank of the features; `count` shares.
    """
    centred = (features - features.mean(dim=0)).double()
    left, sizes, right = torch.linalg.svd(centred, full_matrices=False)
    found = torch.zeros(len(features), count, dtype=torch.float64)
    shares = [0.0] * count
    total = float((sizes**2).sum())
    for place in range(min(count, len(sizes))):
        direction = right[place]
        sign = 1.0 if float(direction[direction.abs().argmax()]) >= 0 else -1.0
        found[:, place] = left[:, place] * sizes[place] * sign
        shares[place] = float(sizes[place] ** 2) / total if total > 0 else 0.0
    return found.float(), tuple(shares)


def tsne(features: Tensor, *, seed: int = 0) -> Tensor:
    """Return samples in two dimensions where neighbours stay neighbours, float [samples, 2].

    Distances between far groups mean nothing in it.

    Args:
        features: float [samples, features], at least five samples.
        seed: Decides ties.
    """
    from sklearn.manifold import TSNE

    near = max(1.0, min(30.0, (len(features) - 1) / 3))
    model = TSNE(perplexity=near, init="pca", random_state=seed, max_iter=500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of too few distinct samples, which is no fault here
        found = model.fit_transform(features.double().numpy())
    return torch.from_numpy(found).float()
