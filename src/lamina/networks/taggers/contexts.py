"""What reads the words around: recurrent layers both ways, a Transformer, convolutions, or nothing.

Source: Graves and Schmidhuber 2005 and Huang et al. 2015, arXiv:1508.01991 (both directions);
Vaswani et al. 2017, arXiv:1706.03762.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.table import Entry, table
from lamina.networks.layers.activations import activation
from lamina.networks.layers.dropout import Dropout, SequenceDropout, check_rate
from lamina.networks.layers.embeddings import Rotary
from lamina.networks.layers.masked_convolution import MaskedConvolution
from lamina.networks.layers.recurrent import Recurrent
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.taggers.base import AbstractContext, AbstractContextConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurrentContextConfig(AbstractContextConfig):
    """Settings of recurrent layers over words."""

    cell: str = "lstm"
    """Name in the table of cells: rnn, lstm or gru."""
    depth: int = 1
    """Layers."""
    width: int = 200
    """Units per direction."""
    dropout: float = 0.5
    """Share of features dropped between layers while training, the same at every word; [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if min(self.depth, self.width) < 1:
            raise ConfigError(
                f"depth and width must be at least 1, got {self.depth!r} and {self.width!r}. Try "
                "1 and 200."
            )

    @override
    def build(self, in_features: int) -> "RecurrentContext":
        return RecurrentContext(self, in_features)


@final
class RecurrentContext(AbstractContext):
    """Recurrent layers in both directions.

    Args:
        config: Its settings.
        in_features: Numbers per word.

    Source:
        arXiv:1508.01991; Gal and Ghahramani 2016, arXiv:1512.05287 (one mask for all words).
    """

    def __init__(self, config: RecurrentContextConfig, in_features: int) -> None:
        super().__init__()
        self.dropout = SequenceDropout(config.dropout)
        layers = []
        for _ in range(config.depth):
            layers.append(Recurrent(config.cell, in_features, config.width))
            in_features = layers[-1].out_features
        self.layers = nn.ModuleList(layers)
        self.out_features = in_features

    @override
    def forward(self, words: Tensor, valid: Tensor) -> Tensor:
        for number, layer in enumerate(self.layers):
            words = layer(self.dropout(words) if number else words, valid)
        return words


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformerContextConfig(AbstractContextConfig):
    """Settings of a Transformer over words."""

    blocks: TransformerBlocksConfig = field(
        default_factory=lambda: TransformerBlocksConfig(depth=2, width=128, dropout=0.2)
    )
    """The stack of blocks."""

    @override
    def build(self, in_features: int) -> "TransformerContext":
        return TransformerContext(self, in_features)


@final
class TransformerContext(AbstractContext):
    """Blocks of attention with rotary positions.

    Args:
        config: Its settings.
        in_features: Numbers per word.

    Source:
        arXiv:1706.03762, section 3.1.
    """

    def __init__(self, config: TransformerContextConfig, in_features: int) -> None:
        super().__init__()
        width = config.blocks.width
        self.into = nn.Linear(in_features, width)
        self.stack = config.blocks.build(Rotary(width // config.blocks.num_heads))
        self.out_features = width

    @override
    def forward(self, words: Tensor, valid: Tensor) -> Tensor:
        found: Tensor = self.stack(self.into(words), valid)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvolutionalContextConfig(AbstractContextConfig):
    """Settings of convolutions over words: what is far away is not seen, and cannot mislead."""

    depth: int = 2
    """Blocks of two convolutions beside a shortcut."""
    width: int = 128
    """Features per word."""
    kernel_size: int = 5
    """Words that a convolution joins, at least 2."""
    activation: str = "silu"
    """Name in the table of activations."""
    dropout: float = 0.1
    """Share of features dropped within a block while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if min(self.depth, self.width) < 1 or self.kernel_size < 2:
            raise ConfigError(
                f"depth and width must be at least 1 and kernel_size at least 2, got "
                f"{self.depth!r}, {self.width!r} and {self.kernel_size!r}. Try 2, 128 and 5."
            )

    @override
    def build(self, in_features: int) -> "ConvolutionalContext":
        return ConvolutionalContext(self, in_features)


@final
class ConvolutionalContext(AbstractContext):
    """Residual blocks of two convolutions with batch normalisation.

    Args:
        config: Its settings.
        in_features: Numbers per word.

    Source:
        Collobert et al. 2016, arXiv:1609.03193 (speech); Strubell et al. 2017, arXiv:1702.02098
        (tags). Differs: residual blocks; not dilated.
    """

    def __init__(self, config: ConvolutionalContextConfig, in_features: int) -> None:
        super().__init__()
        self.into = nn.Linear(in_features, config.width)
        self.blocks = nn.ModuleList(_ResidualBlock(config) for _ in range(config.depth))
        self.out_features = config.width

    @override
    def forward(self, words: Tensor, valid: Tensor) -> Tensor:
        places = valid.unsqueeze(1)
        found = self.into(words).transpose(1, 2) * places
        for block in self.blocks:
            found = block(found, places)
        return found.transpose(1, 2)


class _ResidualBlock(nn.Module):
    def __init__(self, config: ConvolutionalContextConfig) -> None:
        super().__init__()
        width = config.width
        self.first = MaskedConvolution(width, width, config.kernel_size)
        self.second = MaskedConvolution(width, width, config.kernel_size)
        self.dropout = Dropout(config.dropout)
        self.activation = activation(config.activation)

    @override
    def forward(self, words: Tensor, valid: Tensor) -> Tensor:
        found = self.dropout(self.activation(self.first(words, valid)) * valid)
        joined: Tensor = self.activation(words + self.second(found, valid)) * valid
        return joined


@dataclass(frozen=True, kw_only=True, slots=True)
class NoContextConfig(AbstractContextConfig):
    """Nothing to set: words stand for themselves."""

    @override
    def build(self, in_features: int) -> "NoContext":
        return NoContext(in_features)


@final
class NoContext(AbstractContext):
    """Each word as it is: for those that know the words around already.

    Args:
        in_features: Numbers per word.

    Source:
        arXiv:1810.04805, section 4 (nothing between the encoder and the scores).
    """

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.out_features = in_features

    @override
    def forward(self, words: Tensor, valid: Tensor) -> Tensor:
        del valid
        return words


CONTEXTS: Mapping[str, Entry[type[AbstractContextConfig]]] = table(
    Entry(
        "recurrent",
        RecurrentContextConfig,
        "LSTM or GRU in both directions.",
        "arXiv:1508.01991",
    ),
    Entry("transformer", TransformerContextConfig, "Attention over the words.", "arXiv:1706.03762"),
    Entry(
        "convolutional",
        ConvolutionalContextConfig,
        "Convolutions over the words.",
        "arXiv:1609.03193",
    ),
    Entry("none", NoContextConfig, "Each word as it is.", "arXiv:1810.04805"),
)
"""All that reads the words around, by name."""
