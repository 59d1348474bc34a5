"""Word by word: beside each word what the other text says about it, then pooled over the words.

Each word looks for its like in the other text; the mean of the words found, by how alike they are,
stands for what that text says about it. The two are compared, and the largest value and the mean
over the words of either text are what the answer is drawn from.

Source: Parikh et al. 2016, "A decomposable attention model for natural language inference",
arXiv:1606.01933; Chen et al. 2017, "ESIM", arXiv:1609.06038 (what is compared; mean and maximum).
"""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.layers.activations import ActivationLayer
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.pooling import attendable, max_pooling, mean_pooling
from lamina.networks.pairs.base import (
    AbstractComparison,
    AbstractComparisonConfig,
    beside,
    width_beside,
)
from lamina.networks.parts import AbstractEncoder


@dataclass(frozen=True, kw_only=True, slots=True)
class AlignedConfig(AbstractComparisonConfig):
    """Settings of the comparison word by word."""

    width: int = 100
    """Numbers per word, before and after it is compared."""
    activation: str = "relu"
    """Name in the table of activations."""
    dropout: float = 0.2
    """Share of the numbers dropped while training, in [0, 1)."""
    is_symmetric: bool = False
    """Whether the answer must not depend on which text is the first."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if self.width < 1:
            raise ConfigError(f"width must be at least 1, got {self.width!r}. Try 100.")

    @override
    def build(self, reader: AbstractEncoder) -> "Aligned":
        if not reader.keeps_places():
            raise ConfigError(
                f"words are aligned by what is known at each of them, and {type(reader).__name__} "
                "knows its texts as a whole only. Set network.comparison to siamese, or "
                "network.reader to text_cnn, rnn or transformer."
            )
        return Aligned(self, reader.out_features)


@final
class Aligned(AbstractComparison):
    """Words compared with their like, pooled: [batch, 4 * width], symmetric or not.

    Args:
        config: Its settings.
        features: Width of the reader's states.

    Source:
        arXiv:1606.01933, section 3, with the features of arXiv:1609.06038, section 3.2.
    """

    def __init__(self, config: AlignedConfig, features: int) -> None:
        super().__init__()
        width = config.width
        self.is_symmetric = config.is_symmetric
        self.words = _layer(features, config)
        self.sought = nn.Linear(width, width)
        self.compared = _layer(width_beside(width, is_symmetric=False), config)
        self.out_features = 4 * width
        self._factor = 1.0 / math.sqrt(width)

    @override
    def forward(self, reader: AbstractEncoder, first: Tensor, second: Tensor) -> Tensor:
        one, other = self._words(reader, first), self._words(reader, second)
        here = attendable(first[:, : one.shape[1]])
        there = attendable(second[:, : other.shape[1]])
        scores = torch.bmm(self.sought(one), self.sought(other).transpose(1, 2)) * self._factor
        found = self._pooled(one, _found(scores, other, there), here)
        told = self._pooled(other, _found(scores.transpose(1, 2), one, here), there)
        if self.is_symmetric:
            return torch.cat((found + told, (found - told).abs()), dim=1)
        return torch.cat((found, told), dim=1)

    def _words(self, reader: AbstractEncoder, text: Tensor) -> Tensor:
        states = reader.states(text)
        assert states is not None, "asked when it was built"
        words: Tensor = self.words(states)
        return words

    def _pooled(self, own: Tensor, like: Tensor, valid: Tensor) -> Tensor:
        compared = self.compared(beside(own, like, is_symmetric=False))
        return torch.cat((mean_pooling(compared, valid), max_pooling(compared, valid)), dim=1)


def _layer(features: int, config: AlignedConfig) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(features, config.width),
        ActivationLayer(config.activation),
        Dropout(config.dropout),
    )


def _found(scores: Tensor, words: Tensor, valid: Tensor) -> Tensor:
    """Return the mean of words by how much each is like the one that asks.

    Args:
        scores: float [batch, asking, words].
        words: float [batch, words, width].
        valid: bool [batch, words].
    """
    lowest = torch.finfo(scores.dtype).min
    shares = scores.masked_fill(~valid.unsqueeze(1), lowest).softmax(dim=2)
    return torch.bmm(shares.to(words.dtype), words)
