"""The contract of a comparison: from one reader and two texts to features of the pair."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lamina.networks.parts import AbstractEncoder


class AbstractComparison(nn.Module):
    """Puts two texts side by side that one reader reads.

    Shape:
        first int64 [batch, length], second int64 [batch, length'] → float [batch, out_features].
    """

    out_features: int
    """Features of a pair."""

    @abstractmethod
    def forward(self, reader: AbstractEncoder, first: Tensor, second: Tensor) -> Tensor:
        """Return the features of pairs.

        Args:
            reader: What reads a text; it is not a part of the comparison.
            first: Token ids of the first texts, 0 is padding.
            second: Those of the second texts.
        """


class AbstractComparisonConfig(ABC):
    """Config of a comparison."""

    __slots__ = ()

    is_symmetric: bool
    """Whether the answer must not depend on which text is the first."""

    @abstractmethod
    def build(self, reader: AbstractEncoder) -> AbstractComparison:
        """Return a comparison with fresh weights.

        Args:
            reader: What will read the texts.

        Raises:
            ConfigError: The reader does not give what is compared.
        """


def beside(first: Tensor, second: Tensor, *, is_symmetric: bool) -> Tensor:
    """Return what is known of two things, how far they are apart and where they agree.

    Args:
        first: float [..., features].
        second: float [..., features].
        is_symmetric: Whether the answer must not depend on which of them is the first: their sum
            stands for both of them then.

    Returns:
        float [..., 4 * features], or three times as many where it is symmetric.
    """
    apart, alike = (first - second).abs(), first * second
    own: Sequence[Tensor] = (first + second,) if is_symmetric else (first, second)
    return torch.cat((*own, apart, alike), dim=-1)


def width_beside(features: int, *, is_symmetric: bool) -> int:
    """Return how many features `beside` gives.

    Args:
        features: Features of each of the two.
        is_symmetric: As there.
    """
    return features * (3 if is_symmetric else 4)
