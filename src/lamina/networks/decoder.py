"""GPT-like decoder: each place of a sequence answers with scores for the token that follows.

Source: Radford et al. 2019, "Language models are unsupervised multitask learners"; So et al. 2021,
"Primer", arXiv:2109.08668 (squared ReLU); Su et al. 2021, arXiv:2104.09864 (rotary positions);
nanochat and modded-nanogpt (projections that start at zero, queries and keys of unit size).
Differs: root mean square norms have weights; embedding and head are two tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint
from lamina.networks.layers.attention import check_heads
from lamina.networks.layers.causal_attention import CausalAttention, Memory
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.feed_forward import AbstractFeedForwardConfig, FeedForwardConfig
from lamina.networks.layers.feed_forwards import FEED_FORWARDS
from lamina.networks.layers.normalisers import normaliser


@dataclass(frozen=True, kw_only=True, slots=True)
class DecoderConfig:
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

    def __post_init__(self) -> None:
        check_heads(self.width, self.num_heads)
        check_rate("dropout", self.dropout)
        if self.depth < 1:
            raise ConfigError(f"depth must be at least 1, got {self.depth!r}. Try 4.")

    def build(self, vocabulary_size: int) -> "Decoder":
        """Return a decoder with fresh weights.

        Args:
            vocabulary_size: Tokens there are.
        """
        return Decoder(self, vocabulary_size)


@final
class Decoder(nn.Module):
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
        self.embedding = nn.Embedding(vocabulary_size, config.width)
        self.dropout = Dropout(config.dropout)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.depth))
        self.norm = normaliser(config.normaliser, config.width)
        self.head = nn.Linear(config.width, vocabulary_size, bias=False)
        nn.init.zeros_(self.head.weight)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return that the head is a table of tokens, too."""
        return {"head.weight": Hint(matrix=False)}

    def new_memories(self) -> tuple[Memory, ...]:
        """Return one empty memory per block, for texts that are read piece by piece."""
        return tuple(Memory() for _ in self.blocks)

    @override
    def forward(self, tokens: Tensor, memories: Sequence[Memory] | None = None) -> Tensor:
        """Return the scores; with memories, `tokens` go on where the last call ended."""
        sequence = self.dropout(self.embedding(tokens))
        for place, block in enumerate(self.blocks):
            sequence = block(sequence, None if memories is None else memories[place])
        scores: Tensor = self.head(self.norm(sequence))
        return scores


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
