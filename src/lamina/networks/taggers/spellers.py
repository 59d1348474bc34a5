"""What reads the letters of words: convolutions or a recurrent layer.

Source: dos Santos and Zadrozny 2014, "Learning character-level representations for part-of-speech
tagging" (convolution); Lample et al. 2016, "Neural architectures for named entity recognition",
arXiv:1603.01360 (recurrent).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.table import Entry, table
from lamina.networks.layers.embeddings import token_embedding
from lamina.networks.layers.pooling import attendable, last_pooling, max_pooling
from lamina.networks.layers.recurrent import Recurrent
from lamina.networks.taggers.base import AbstractSpeller, AbstractSpellerConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvolutionSpellerConfig(AbstractSpellerConfig):
    """Settings of convolutions over letters."""

    embedding_width: int = 32
    """Numbers per letter."""
    width: int = 64
    """Features of a word."""
    reach: int = 3
    """Letters that are seen together, odd."""

    def __post_init__(self) -> None:
        if min(self.embedding_width, self.width, self.reach) < 1 or self.reach % 2 == 0:
            raise ConfigError(
                f"embedding_width and width must be at least 1 and reach odd, got "
                f"{self.embedding_width!r}, {self.width!r} and {self.reach!r}. Try 32, 64 and 3."
            )

    @override
    def build(self, num_letters: int) -> "ConvolutionSpeller":
        return ConvolutionSpeller(self, num_letters)


@final
class ConvolutionSpeller(AbstractSpeller):
    """The strongest answers of filters that move over a word's letters.

    Args:
        config: Its settings.
        num_letters: Ids of letters there are.

    Source:
        dos Santos and Zadrozny 2014.
    """

    def __init__(self, config: ConvolutionSpellerConfig, num_letters: int) -> None:
        super().__init__()
        self.embedding = token_embedding(num_letters, config.embedding_width, deviation=0.2)
        self.filters = nn.Conv1d(
            config.embedding_width, config.width, config.reach, padding=config.reach // 2
        )
        self.out_features = config.width

    @override
    def forward(self, letters: Tensor) -> Tensor:
        found = self.filters(self.embedding(letters).transpose(1, 2)).transpose(1, 2)
        return max_pooling(found, attendable(letters))


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurrentSpellerConfig(AbstractSpellerConfig):
    """Settings of a recurrent layer over letters."""

    cell: str = "lstm"
    """Name in the table of cells: rnn, lstm or gru."""
    embedding_width: int = 32
    """Numbers per letter."""
    width: int = 32
    """Units per direction."""

    def __post_init__(self) -> None:
        if min(self.embedding_width, self.width) < 1:
            raise ConfigError(
                f"embedding_width and width must be at least 1, got {self.embedding_width!r} and "
                f"{self.width!r}. Try 32 and 32."
            )

    @override
    def build(self, num_letters: int) -> "RecurrentSpeller":
        return RecurrentSpeller(self, num_letters)


@final
class RecurrentSpeller(AbstractSpeller):
    """What a recurrent layer knows at the end of a word, and backwards at its beginning.

    Args:
        config: Its settings.
        num_letters: Ids of letters there are.

    Source:
        arXiv:1603.01360.
    """

    def __init__(self, config: RecurrentSpellerConfig, num_letters: int) -> None:
        super().__init__()
        self.embedding = token_embedding(num_letters, config.embedding_width, deviation=0.2)
        self.layer = Recurrent(config.cell, config.embedding_width, config.width)
        self.out_features = self.layer.out_features

    @override
    def forward(self, letters: Tensor) -> Tensor:
        valid = attendable(letters)
        states = self.layer(self.embedding(letters), valid)
        half = self.out_features // 2
        return torch.cat((last_pooling(states[..., :half], valid), states[:, 0, half:]), dim=1)


SPELLERS: Mapping[str, Entry[type[AbstractSpellerConfig]]] = table(
    Entry(
        "convolution",
        ConvolutionSpellerConfig,
        "Filters over letters, the strongest answer of each.",
        "dos Santos and Zadrozny 2014",
    ),
    Entry(
        "recurrent",
        RecurrentSpellerConfig,
        "A recurrent layer over letters, both directions.",
        "arXiv:1603.01360",
    ),
)
"""All that reads letters by name."""
