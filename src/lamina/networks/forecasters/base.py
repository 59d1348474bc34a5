"""The contract of a forecaster's backbone: from normalised past steps to normalised future ones.

What every forecaster needs (reversible normalisation, learned cycle, effects of what is known
ahead) is done around it, in `whole.py`. The steps of a series lie side by side, before and after,
so that what holds for a whole series or for all of them is applied to long runs of numbers.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesSpec:
    """What the data says about the series: decided by them and the question alone."""

    look_back: int
    """Past steps that a sample shows."""
    horizon: int
    """Future steps that are asked for."""
    channels: int
    """Series that are asked for; they come first in the past."""
    others: int = 0
    """Series whose past alone is known, behind the channels in the past."""
    known: int = 0
    """Features known for the past and the future steps alike, such as the calendar."""
    size: int = 1
    """Numbers per step and channel: quantiles, or 1."""
    period: int = 0
    """Steps of the longest cycle; 0 where there is none."""


class AbstractBackbone(nn.Module):
    """Maps normalised past steps to normalised future ones.

    Shape:
        past float [batch, channels + others, look_back], without gaps; known float
        [batch, look_back + horizon, known] → [batch, channels, size, horizon].
    """

    @abstractmethod
    def forward(self, past: Tensor, known: Tensor) -> Tensor:
        """Return the future steps.

        Args:
            past: The past, normalised.
            known: What is known of past and future steps.
        """


class AbstractBackboneConfig(ABC):
    """Config of a backbone."""

    __slots__ = ()

    reads_others: ClassVar[bool] = False
    """Whether it looks at the series whose past alone is known."""

    @abstractmethod
    def build(self, spec: SeriesSpec) -> AbstractBackbone:
        """Return a backbone with fresh weights.

        Args:
            spec: What the data says about the series.
        """


def as_steps(flat: Tensor, spec: SeriesSpec) -> Tensor:
    """Return the answers of a network as future steps.

    Args:
        flat: float [batch, ...], the steps of one number together, then its numbers, its channels.
        spec: What the data says about the series.

    Returns:
        float [batch, channels, size, horizon].
    """
    return flat.reshape(-1, spec.channels, spec.size, spec.horizon)
