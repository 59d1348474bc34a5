"""GPT-like decoder: each place of a sequence answers with scores for the token that follows.

Source: Radford et al. 2019, "Language models are unsupervised multitask learners"; So et al. 2021,
"Primer", arXiv:2109.08668 (squared ReLU); Su et al. 2021, arXiv:2104.09864 (rotary positions);
nanochat and modded-nanogpt (projections that start at zero, queries and keys of unit size).
Differs: root mean square norms have weights; embedding and head are one table, and each place sees
a learned part of the token before it, since both paid on our data (see docs/log.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.networks.decoder_base import AbstractDecoder, AbstractDecoderConfig, AbstractMemory
from lamina.networks.hints import Hint
from lamina.networks.layers.attention import check_heads
from lamina.networks.layers.causal_attention import CausalAttention, Memory
from lamina.networks.layers.dropout import Dropout, EmbeddingDropout, check_rate
from lamina.networks.layers.feed_forward import AbstractFeedForwardConfig, FeedForwardConfig
from lamina.networks.layers.feed_forwards import FEED_FORWARDS
from lamina.networks.layers.normalisers import normaliser

TIED_DEVIATION = 0.02
"""Standard deviation of the vectors of a table that also scores, at the start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DecoderConfig(AbstractDecoderConfig):
    """Settings of the decoder."""

    depth: int = 4
    """Blocks."""
    width: int = 128
    """Features per place."""
    num_heads: int = 4
    """Heads of the attention; must divide the width into an even number of features each."""
    feed_forward: AbstractFeedForwardConfig = part_field(  # noqa: RUF009
        FEED_FORWARDS, FeedForwardConfig(activation="relu_squared"), what="feed-forward layer"
    )
    """Layer after the attention."""
    normaliser: str = "rms"
    """Name in the table of normalisers."""
    dropout: float = 0.0
    """Share of each branch's outputs dropped while training, in [0, 1)."""
    embedding_dropout: float = 0.0
    """Share of the vocabulary dropped while training, all places of a token at once; in [0, 1)."""
    is_tied: bool = True
    """Whether tokens read and tokens scored share one table of vectors."""
    sees_previous: bool = True
    """Whether each place sees a learned part of the vector of the token before it."""

    def __post_init__(self) -> None:
        check_heads(self.width, self.num_heads)
        check_rate("dropout", self.dropout)
        check_rate("embedding_dropout", self.embedding_dropout)
        if self.depth < 1:
            raise ConfigError(f"depth must be at least 1, got {self.depth!r}. Try 4.")

    def build(self, vocabulary_size: int) -> "Decoder":
        """Return a decoder with fresh weights.

        Args:
            vocabulary_size: Tokens there are.
        """
        return Decoder(self, vocabulary_size)


@final
class Decoder(AbstractDecoder):
    """Scores of the next token at each place, given the tokens up to it.

    Args:
        config: Its settings.
        vocabulary_size: Tokens there are.

    Shape:
        tokens int64 [batch, length] → [batch, length, vocabulary_size].

    Source:
        Radford et al. 2019; see the file header.
    """

    def __init__(self, config: DecoderConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.width = config.width
        self.embedding = nn.Embedding(vocabulary_size, config.width)
        self.previous = Previous(config.width) if config.sees_previous else None
        self.embedding_dropout = EmbeddingDropout(config.embedding_dropout, vocabulary_size)
        self.dropout = Dropout(config.dropout)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.depth))
        self.norm = normaliser(config.normaliser, config.width)
        self.head = None if config.is_tied else nn.Linear(config.width, vocabulary_size, bias=False)
        if self.head is None:
            nn.init.normal_(self.embedding.weight, std=TIED_DEVIATION)
        else:
            nn.init.zeros_(self.head.weight)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return that the head is a table of tokens, too."""
        return {} if self.head is None else {"head.weight": Hint(matrix=False)}

    @override
    def new_memories(self) -> tuple[AbstractMemory, ...]:
        first = () if self.previous is None else (LastVector(),)
        return (*first, *(Memory() for _ in self.blocks))

    @override
    def states(self, tokens: Tensor, memories: Sequence[AbstractMemory] | None = None) -> Tensor:
        sequence = self.embedding(tokens)
        if self.head is None:
            # The table's vectors are small, as scores want them; what is read is of size 1.
            sequence = sequence / TIED_DEVIATION
        sequence = self.embedding_dropout(sequence, tokens)
        own = [None] * len(self.blocks) if memories is None else list(memories)
        if self.previous is not None:
            last = None if memories is None else own.pop(0)
            assert last is None or isinstance(last, LastVector)
            sequence = self.previous(sequence, last)
        sequence = self.dropout(sequence)
        for block, memory in zip(self.blocks, own, strict=True):
            sequence = block(sequence, memory)
        found: Tensor = self.norm(sequence)
        return found

    @override
    def scores(self, states: Tensor) -> Tensor:
        if self.head is None:
            return F.linear(states, self.embedding.weight)
        found: Tensor = self.head(states)
        return found


class LastVector:
    """The vector of the token that was read last."""

    rows_dim: ClassVar[int] = 0
    length_dim: ClassVar[int | None] = None

    def __init__(self) -> None:
        self.begins: Tensor | None = None
        self.vector: Tensor | None = None

    def select(self, index: Tensor) -> None:
        """Keep some rows of the batch.

        Args:
            index: int64 [rows].
        """
        if self.vector is not None:
            self.vector = self.vector.index_select(0, index)

    def tensors(self) -> tuple[Tensor, ...]:
        """Return the vector, [batch, 1, width]."""
        return () if self.vector is None else (self.vector,)

    def restore(self, tensors: Sequence[Tensor]) -> None:
        """Keep what another memory kept.

        Args:
            tensors: The vector; zeros where nothing was read.
        """
        (self.vector,) = tensors


class Previous(nn.Module):
    """Adds a learned part, feature by feature, of the vector one place before.

    Args:
        width: Features per place.

    Shape:
        [batch, length, width] → the same.

    Source:
        Peng et al. 2023, arXiv:2305.13048 (token shift); modded-nanogpt ("smear"). Differs: one
        factor per feature, which starts at 0.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.zeros(width))

    @override
    def forward(self, sequence: Tensor, last: LastVector | None = None) -> Tensor:
        if last is not None and last.vector is not None:
            before = torch.cat([last.vector, sequence[:, :-1]], dim=1)
        else:
            before = F.pad(sequence[:, :-1], (0, 0, 1, 0))
        if last is not None:
            last.vector = sequence[:, -1:]
        return sequence + self.factor * before


class _Block(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.attention_norm = normaliser(config.normaliser, config.width)
        self.attention = CausalAttention(config.width, config.num_heads)
        self.feed_forward_norm = normaliser(config.normaliser, config.width)
        self.feed_forward = config.feed_forward.build(config.width)
        self.dropout = Dropout(config.dropout)

    @override
    def forward(self, sequence: Tensor, memory: Memory | None) -> Tensor:
        gathered = self.attention(self.attention_norm(sequence), memory)
        sequence = sequence + self.dropout(gathered)
        return sequence + self.dropout(self.feed_forward(self.feed_forward_norm(sequence)))
