"""Linear probes: how well a straight line reads the target off a layer.

Half of the samples teach a ridge regression (its strength is chosen by leaving one out), the other
half measures it: accuracy for classes, R² for numbers, each with a 95 % interval over samples.

Source: Alain and Bengio 2016, arXiv:1610.01644. Differs: ridge in place of logistic regression,
which is as telling about layers and takes milliseconds.
"""

import numpy as np
import torch
from torch import Tensor

from lamina.core.random import generator, permutation
from lamina.core.records import Interval
from lamina.explanation.intervals import mean_interval

MOST_FEATURES = 256
"""Features of a layer; more are projected at random to so many."""

_STRENGTHS = tuple(10.0**power for power in range(-2, 6))


def linear_probe(features: Tensor, targets: np.ndarray, *, seed: int = 0) -> Interval:
    """Return how well a linear map of features answers: accuracy of classes, R² of numbers.

    Args:
        features: float [samples, features].
        targets: int64 [samples] classes, or float [samples, numbers].
        seed: Decides which samples teach.
    """
    from sklearn.linear_model import RidgeClassifierCV, RidgeCV

    rows = permutation(seed, "probe", 0, len(features)).numpy()
    taught, asked = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    values = narrowed(features, seed=seed).numpy().astype(np.float64)
    centre, scale = values[taught].mean(axis=0), values[taught].std(axis=0)
    values = (values - centre) / np.where(scale > 1e-12, scale, 1.0)
    if np.issubdtype(targets.dtype, np.integer):
        if len(np.unique(targets[taught])) < 2:
            return mean_interval((targets[asked] == targets[taught][0]).astype(float), seed=seed)
        model = RidgeClassifierCV(alphas=_STRENGTHS).fit(values[taught], targets[taught])
        hits = model.predict(values[asked]) == targets[asked]
        return mean_interval(hits.astype(np.float64), seed=seed)
    numbers = targets.reshape(len(targets), -1)
    fitted = RidgeCV(alphas=_STRENGTHS).fit(values[taught], numbers[taught])
    errors = (fitted.predict(values[asked]).reshape(len(asked), -1) - numbers[asked]) ** 2
    spread = (numbers[asked] - numbers[asked].mean(axis=0)) ** 2
    size = np.maximum(spread.mean(axis=0), 1e-12)
    # The mean of these is R², averaged over targets.
    return mean_interval((1 - errors / size).mean(axis=1), seed=seed)


def narrowed(features: Tensor, *, most: int = MOST_FEATURES, seed: int = 0) -> Tensor:
    """Return features, projected at random where there are many, which keeps distances.

    Args:
        features: float [samples, features].
        most: Features wanted.
        seed: Decides the projection.

    Source:
        Johnson and Lindenstrauss 1984.
    """
    width = features.shape[1]
    if width <= most:
        return features
    source = generator(seed, "random projection", width)
    return features @ (torch.randn(width, most, generator=source) / most**0.5)
