"""Intervals that keep what they promise: widened by how far held-out truth lay outside.

Each pair of levels around the median is widened, or narrowed, by a share of its own width, so that
forecasts that know when they are unsure stay so. The share is a quantile of what held-out origins
would have needed, per step ahead.

Source: Romano, Patterson and Candès 2019, "Conformalized quantile regression", arXiv:1905.03222.
Differs: the score is relative to the half width, as in Lei et al. 2018 (locally weighted conformal
inference); per step ahead. Origins that follow each other are not exchangeable, so the coverage is
measured on the test part, never only promised.
"""

from dataclasses import dataclass

import numpy as np

from lamina.core.errors import DataError
from lamina.evaluation.forecasts import Forecasts


@dataclass(frozen=True, slots=True)
class Widening:
    """Factors on the distance of each level from the median."""

    factors: np.ndarray
    """float64 [horizon, levels]; 1 leaves a level as it is. The median's stay 1."""

    def apply(self, forecasts: Forecasts) -> Forecasts:
        """Return the forecasts with their levels moved.

        Args:
            forecasts: Forecasts of the same levels and horizon.
        """
        middle = forecasts.middle()[..., None]
        values = middle + (forecasts.values - middle) * self.factors[None, :, None, :]
        return Forecasts(
            np.sort(values, axis=3), forecasts.levels, forecasts.deviations, forecasts.naive_errors
        )


def widening(forecasts: Forecasts, truth: np.ndarray) -> Widening:
    """Return the factors that make each level keep its share on held-out origins.

    Args:
        forecasts: Forecasts at held-out origins.
        truth: float [rows, horizon, channels], NaN where unknown.

    Raises:
        DataError: There is no held-out origin.
    """
    if not forecasts.num_rows:
        raise DataError("intervals need held-out origins to be measured on, got none.")
    middle = forecasts.middle()
    factors = np.ones((middle.shape[1], len(forecasts.levels)))
    for place, level in enumerate(forecasts.levels):
        if level == 0.5:
            continue
        side = 1.0 if level > 0.5 else -1.0
        reach = side * (forecasts.values[..., place] - middle)
        need = side * (truth - middle)
        share = level if side > 0 else 1 - level
        for step in range(middle.shape[1]):
            factors[step, place] = _quantile(need[:, step], reach[:, step], share)
    # An interval of no width could never be told from certainty.
    return Widening(np.maximum(factors, 1e-3))


def _quantile(need: np.ndarray, reach: np.ndarray, share: float) -> float:
    """Return the smallest factor on `reach` that holds a share of `need`, corrected for numbers."""
    is_known = ~np.isnan(need) & (reach > 0)
    count = int(is_known.sum())
    if not count:
        return 1.0
    rank = min(1.0, share * (count + 1) / count)
    return max(0.0, float(np.quantile(need[is_known] / reach[is_known], rank, method="higher")))
