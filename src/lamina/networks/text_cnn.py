"""Convolutional encoder of texts: filters over a few words, and the strongest answer of each.

Source: Kim 2014, "Convolutional neural networks for sentence classification", arXiv:1408.5882.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.random import keyed_mask
from lamina.core.records import InputSpec
from lamina.networks.layers.activations import activation
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.pooling import attendable, mean_pooling
from lamina.networks.layers.word_vectors import WordVectors
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, Vectors


@dataclass(frozen=True, kw_only=True, slots=True)
class TextCNNConfig(AbstractEncoderConfig):
    """Settings of the convolutional text encoder."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    embedding_width: int = 96
    """Numbers per token."""
    sizes: tuple[int, ...] = (1, 2, 3, 4)
    """Tokens that a filter sees, one group of filters each."""
    num_filters: int = 100
    """Filters per size."""
    activation: str = "relu"
    """Name in the table of activations."""
    max_length: int = 256
    """Tokens read of a text, at least 1; the rest is left out."""
    word_dropout: float = 0.1
    """Share of the words dropped while training, in [0, 1)."""
    vector_dropout: float = 0.25
    """Share of the numbers of the words dropped while training, in [0, 1)."""
    dropout: float = 0.5
    """Share of the features dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        for name in ("word_dropout", "vector_dropout", "dropout"):
            check_rate(name, getattr(self, name))
        counts = (*self.sizes, self.num_filters, self.embedding_width, self.max_length)
        if not self.sizes or min(counts) < 1:
            raise ConfigError(
                "sizes, num_filters, embedding_width and max_length must be at least 1, got "
                f"{self.sizes!r}, {self.num_filters!r}, {self.embedding_width!r} and "
                f"{self.max_length!r}. Try (1, 2, 3, 4), 100, 96 and 256."
            )

    @override
    def build(self, spec: InputSpec) -> "TextCNN":
        return TextCNN(self, spec)


@final
class TextCNN(AbstractEncoder):
    """Convolutional encoder, token ids [batch, length] → [batch, sizes * num_filters + width].

    The features are the strongest answer of each filter and the mean of the words' vectors.

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1408.5882, "CNN-rand". Differs: windows may reach beyond the text, where zeros are,
        so that short texts work; the mean of the vectors as a feature; words know how they are
        spelt; whole words are dropped (Iyyer et al. 2015); no limit on the norm of the weights.
    """

    def __init__(self, config: TextCNNConfig, spec: InputSpec) -> None:
        super().__init__()
        width = config.embedding_width
        self.config = config
        self.embedding = WordVectors(spec, width, deviation=0.2)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(width, config.num_filters, size) for size in config.sizes
        )
        self.activation = activation(config.activation)
        self.vector_dropout = Dropout(config.vector_dropout)
        self.dropout = Dropout(config.dropout)
        self.out_features = config.num_filters * len(config.sizes) + width

    @override
    def vectors(self) -> Vectors:
        return Vectors(self.embedding)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        ids = inputs[:, : self.config.max_length]
        valid = attendable(ids)
        vectors, answers = self._answers(ids)
        features = [mean_pooling(vectors, valid)]
        for found in answers:
            lowest = torch.finfo(found.dtype).min
            strongest = found.masked_fill(~valid.unsqueeze(1), lowest).amax(dim=2)
            features.append(self.activation(strongest))
        return self.dropout(torch.cat(features, dim=1))

    @override
    def states(self, inputs: Tensor) -> Tensor:
        vectors, answers = self._answers(inputs[:, : self.config.max_length])
        known = [vectors, *(self.activation(found).transpose(1, 2) for found in answers)]
        return self.dropout(torch.cat(known, dim=2))

    def _answers(self, ids: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the vectors of the words, and what each group of filters answers around each.

        Args:
            ids: int64 [batch, length].

        Returns:
            float [batch, length, width], and float [batch, filters, length] each.
        """
        vectors = self.vector_dropout(self._heard(self.embedding(ids)))
        channels = vectors.transpose(1, 2)
        answers = [
            convolution(F.pad(channels, ((size - 1) // 2, size // 2)))
            for size, convolution in zip(self.config.sizes, self.convolutions)
        ]
        return vectors, answers

    def _heard(self, vectors: Tensor) -> Tensor:
        """Return the vectors without those of some words, while training."""
        rate = self.config.word_dropout
        if not self.training or rate == 0.0:
            return vectors
        kept = keyed_mask((vectors.shape[0], self.config.max_length), rate, vectors.device)
        return vectors * kept[:, : vectors.shape[1], None]
