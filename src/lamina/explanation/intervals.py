"""The 95 % interval of a mean over samples, by resampling them.

Source: Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 13.
"""

import numpy as np

from lamina.core.random import derive
from lamina.core.records import Interval

NUM_RESAMPLES = 2_000
"""Resamples drawn."""


def mean_interval(values: np.ndarray, *, seed: int = 0) -> Interval:
    """Return the mean with its percentile interval; the ends are NaN for fewer than two values.

    Args:
        values: float [samples], independent.
        seed: Decides the resamples.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if len(numbers) == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    mean = float(numbers.mean())
    if len(numbers) < 2:
        return Interval(mean, float("nan"), float("nan"))
    random = np.random.default_rng(derive(seed, "mean interval", len(numbers)))
    picks = random.integers(0, len(numbers), size=(NUM_RESAMPLES, len(numbers)))
    low, high = np.quantile(numbers[picks].mean(axis=1), [0.025, 0.975])
    return Interval(mean, float(low), float(high))
