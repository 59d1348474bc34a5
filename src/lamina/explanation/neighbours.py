"""Examples that decided: training samples that the network sees as most similar.

Distances are Euclidean between representations, each feature divided by its spread over the stored
samples, in units of the median distance between two of them: well below 1 is similar.

Source: Caruana et al. 1999, "Case-based explanation of non-case-based learning methods";
Papernot and McDaniel 2018, "Deep k-nearest neighbors", arXiv:1803.04765.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_PAIRS = 2_000


@dataclass(frozen=True, slots=True)
class Memory:
    """Representations of some samples."""

    features: Tensor
    """float [samples, features]."""
    rows: Tensor
    """Row number of each in the source, int64 [samples]."""

    def nearest(self, features: Tensor, count: int = 5) -> tuple[Tensor, Tensor]:
        """Return the places of the most similar samples, nearest first, and their distances.

        Args:
            features: Representation of the sample asked about, float [features].
            count: Samples wanted.

        Returns:
            int64 [count] places in `rows`, float [count] in units of the median distance.
        """
        spread = self.features.std(dim=0, correction=0)
        scale = torch.where(spread > 1e-9, spread, 1.0)
        stored, asked = self.features / scale, features / scale
        distances = (stored - asked).norm(dim=1)
        order = torch.argsort(distances, stable=True)[:count]
        return order, distances[order] / self._unit(stored)

    def _unit(self, stored: Tensor) -> Tensor:
        """Return the median distance between two of the samples."""
        first = torch.arange(min(_PAIRS, len(stored)))
        second = (first * 7919 + 1) % len(stored)
        own = (stored[first] - stored[second]).norm(dim=1)
        own = own[first != second]
        return own.median().clamp_min(1e-9) if len(own) else torch.tensor(1.0)
