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
from lamina.core.records import InputSpec
from lamina.networks.layers.activations import activation
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.embeddings import token_embedding
from lamina.networks.layers.pooling import attendable, max_pooling
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class TextCNNConfig(AbstractEncoderConfig):
    """Settings of the convolutional text encoder."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    embedding_width: int = 128
    """Numbers per token."""
    sizes: tuple[int, ...] = (3, 4, 5)
    """Tokens that a filter sees, one group of filters each."""
    num_filters: int = 100
    """Filters per size."""
    activation: str = "relu"
    """Name in the table of activations."""
    dropout: float = 0.5
    """Share of the features dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if not self.sizes or min(*self.sizes, self.num_filters, self.embedding_width) < 1:
            raise ConfigError(
                f"sizes, num_filters and embedding_width must be at least 1, got {self.sizes!r}, "
                f"{self.num_filters!r} and {self.embedding_width!r}. Try (3, 4, 5), 100 and 128."
            )

    @override
    def build(self, spec: InputSpec) -> "TextCNN":
        return TextCNN(self, spec)


@final
class TextCNN(AbstractEncoder):
    """Convolutional encoder, token ids [batch, length] → [batch, sizes * num_filters].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1408.5882, "CNN-rand". Differs: windows may reach beyond the text, where zeros are,
        so that short texts work; no limit on the norm of the weights.
    """

    def __init__(self, config: TextCNNConfig, spec: InputSpec) -> None:
        super().__init__()
        self.embedding = token_embedding(
            spec.vocabulary_size, config.embedding_width, deviation=0.1
        )
        self.convolutions = nn.ModuleList(
            nn.Conv1d(config.embedding_width, config.num_filters, size) for size in config.sizes
        )
        self.sizes = config.sizes
        self.activation = activation(config.activation)
        self.dropout = Dropout(config.dropout)
        self.out_features = config.num_filters * len(config.sizes)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        valid = attendable(inputs)
        channels = self.embedding(inputs).transpose(1, 2)
        pooled = []
        for size, convolution in zip(self.sizes, self.convolutions):
            padded = F.pad(channels, ((size - 1) // 2, size // 2))
            answers = self.activation(convolution(padded)).transpose(1, 2)
            pooled.append(max_pooling(answers, valid))
        return self.dropout(torch.cat(pooled, dim=1))
