"""Recurrent encoder of texts: simple, LSTM or GRU cells, one or both directions.

Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; Conneau et al. 2017, "InferSent",
arXiv:1705.02364 (both directions, largest value over the text).
"""

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.core.table import look_up
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.pooling import POOLINGS, attendable
from lamina.networks.layers.recurrent import Recurrent
from lamina.networks.layers.word_vectors import WordVectors
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, Vectors


@dataclass(frozen=True, kw_only=True, slots=True)
class RNNConfig(AbstractEncoderConfig):
    """Settings of the recurrent encoder."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    cell: str = "lstm"
    """Name in the table of cells: rnn, lstm or gru."""
    depth: int = 1
    """Layers."""
    embedding_width: int = 128
    """Numbers per token."""
    width: int = 128
    """Units per direction."""
    bidirectional: bool = True
    """Reads each text backwards too."""
    dropout: float = 0.3
    """Share of token vectors and layer outputs dropped while training, in [0, 1)."""
    pooling: str = "max"
    """Name in the table of poolings."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if min(self.depth, self.width, self.embedding_width) < 1:
            raise ConfigError(
                f"depth, width and embedding_width must be at least 1, got {self.depth!r}, "
                f"{self.width!r} and {self.embedding_width!r}. Try 1, 128 and 128."
            )

    @override
    def build(self, spec: InputSpec) -> "RNN":
        return RNN(self, spec)


@final
class RNN(AbstractEncoder):
    """Recurrent encoder, token ids [batch, length] → [batch, directions * width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1705.02364.
    """

    def __init__(self, config: RNNConfig, spec: InputSpec) -> None:
        super().__init__()
        self.embedding = WordVectors(spec, config.embedding_width, deviation=0.1)
        self.dropout = Dropout(config.dropout)
        features = config.embedding_width
        layers = []
        for _ in range(config.depth):
            layer = Recurrent(
                config.cell, features, config.width, is_bidirectional=config.bidirectional
            )
            layers.append(layer)
            features = layer.out_features
        self.layers = nn.ModuleList(layers)
        self.pooling = look_up(POOLINGS, config.pooling, what="pooling")
        self.out_features = features

    @override
    def vectors(self) -> Vectors:
        return Vectors(self.embedding)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return self.pooling(self.states(inputs), attendable(inputs))

    @override
    def states(self, inputs: Tensor) -> Tensor:
        valid = attendable(inputs)
        sequence: Tensor = self.dropout(self.embedding(inputs))
        for layer in self.layers:
            sequence = self.dropout(layer(sequence, valid))
        return sequence
