"""Transformer that reads one text and writes another.

Source: Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762; normalised before each
branch as in Xiong et al. 2020, arXiv:2002.04745; Press and Wolf 2017, arXiv:1608.05859 (one table
for tokens read, written and scored). Differs: root mean square norms, rotary positions, queries and
keys of unit size, projections that start at zero, as in `decoder.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.networks.decoder import TIED_DEVIATION
from lamina.networks.decoder_base import AbstractMemory
from lamina.networks.layers.attention import check_heads
from lamina.networks.layers.causal_attention import CausalAttention, Memory
from lamina.networks.layers.cross_attention import CrossAttention
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.embeddings import Rotary
from lamina.networks.layers.feed_forward import AbstractFeedForwardConfig, FeedForwardConfig
from lamina.networks.layers.feed_forwards import FEED_FORWARDS
from lamina.networks.layers.normalisers import normaliser
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.translator_base import (
    AbstractReading,
    AbstractTranslator,
    AbstractTranslatorConfig,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslatorConfig(AbstractTranslatorConfig):
    """Settings of the Transformer."""

    depth_read: int = 4
    """Blocks that read."""
    depth_written: int = 4
    """Blocks that write."""
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
    dropout: float = 0.1
    """Share of token vectors and of each branch's outputs dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_heads(self.width, self.num_heads)
        check_rate("dropout", self.dropout)
        if min(self.depth_read, self.depth_written) < 1:
            raise ConfigError(
                "depth_read and depth_written must be at least 1, got "
                f"{self.depth_read!r} and {self.depth_written!r}. Try 4."
            )

    @override
    def build(self, num_read: int, num_written: int, *, is_shared: bool) -> "Translator":
        return Translator(self, num_read, num_written, is_shared=is_shared)


@dataclass(frozen=True, slots=True)
class Reading:
    """Keys and values of what was read, for each block that writes."""

    states: Tensor
    """float [batch, read, width]."""
    valid: Tensor
    """bool [batch, read]."""
    projected: tuple[tuple[Tensor, Tensor], ...]
    """Per block: [batch, heads, read, features] each."""

    def select(self, index: Tensor) -> "Reading":
        """Return the reading of some rows.

        Args:
            index: int64 [rows].
        """
        pairs = tuple((key[index], value[index]) for key, value in self.projected)
        return Reading(self.states[index], self.valid[index], pairs)

    def tensors(self) -> tuple[Tensor, ...]:
        """Return what writing needs: where there is text, then keys and values of each block."""
        return (self.valid, *(one for pair in self.projected for one in pair))

    @property
    def length_dims(self) -> tuple[int, ...]:
        """Dimension of each of these tensors that counts the places read."""
        return (1, *(2 for _ in self.tensors()[1:]))


@final
class Translator(AbstractTranslator):
    """Reads one text and scores each next token of another.

    Args:
        config: Its settings.
        num_read: Tokens that can be read.
        num_written: Tokens that can be written.
        is_shared: Whether they are the same tokens.

    Shape:
        read int64 [batch, read], written int64 [batch, length] → [batch, length, num_written].

    Source:
        arXiv:1706.03762; see the file header.
    """

    def __init__(
        self, config: TranslatorConfig, num_read: int, num_written: int, *, is_shared: bool
    ) -> None:
        super().__init__()
        self.width = config.width
        self.written = nn.Embedding(num_written, config.width)
        self.own_table = None if is_shared else nn.Embedding(num_read, config.width)
        for embedding in (self.written, self.own_table):
            if embedding is not None:
                nn.init.normal_(embedding.weight, std=TIED_DEVIATION)
        self.dropout = Dropout(config.dropout)
        reader = TransformerBlocksConfig(
            depth=config.depth_read,
            width=config.width,
            num_heads=config.num_heads,
            feed_forward=config.feed_forward,
            normaliser=config.normaliser,
            dropout=config.dropout,
        )
        self.reader = reader.build(Rotary(config.width // config.num_heads))
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.depth_written))
        self.norm = normaliser(config.normaliser, config.width)

    @override
    def read(self, tokens: Tensor) -> Reading:
        table = self.written if self.own_table is None else self.own_table
        valid = tokens > 0
        states = self.reader(self.dropout(table(tokens) / TIED_DEVIATION), valid)
        return Reading(states, valid, tuple(block.across.project(states) for block in self._own()))

    @override
    def reading_of(self, tensors: Sequence[Tensor]) -> Reading:
        valid, *rest = tensors
        # What the blocks read of a text are its keys and values; its states are not needed again.
        return Reading(valid[:, :, None], valid, tuple(zip(rest[::2], rest[1::2], strict=True)))

    @override
    def new_memories(self, reading: AbstractReading) -> tuple[AbstractMemory, ...]:
        del reading
        return tuple(Memory() for _ in self.blocks)

    @override
    def states(
        self,
        tokens: Tensor,
        reading: AbstractReading,
        memories: Sequence[AbstractMemory] | None = None,
    ) -> Tensor:
        assert isinstance(reading, Reading)
        # The table's vectors are small, as scores want them; what is read is of size 1.
        sequence = self.dropout(self.written(tokens) / TIED_DEVIATION)
        own = [None] * len(self.blocks) if memories is None else memories
        for block, pair, memory in zip(self._own(), reading.projected, own, strict=True):
            assert memory is None or isinstance(memory, Memory)
            sequence = block(sequence, *pair, reading.valid, memory)
        found: Tensor = self.norm(sequence)
        return found

    @override
    def scores(self, states: Tensor) -> Tensor:
        return F.linear(states, self.written.weight)

    @override
    def looks(self, tokens: Tensor, reading: AbstractReading) -> Tensor:
        assert isinstance(reading, Reading)
        sequence = self.dropout(self.written(tokens) / TIED_DEVIATION)
        found = []
        for block, pair in zip(self._own(), reading.projected, strict=True):
            found.append(block.looks(sequence, pair[0], reading.valid))
            sequence = block(sequence, *pair, reading.valid, None)
        return torch.stack(found).mean(dim=0)

    def _own(self) -> Sequence["_Block"]:
        return [block for block in self.blocks if isinstance(block, _Block)]


class _Block(nn.Module):
    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.attention_norm = normaliser(config.normaliser, config.width)
        self.attention = CausalAttention(config.width, config.num_heads)
        self.across_norm = normaliser(config.normaliser, config.width)
        self.across = CrossAttention(config.width, config.num_heads)
        self.feed_forward_norm = normaliser(config.normaliser, config.width)
        self.feed_forward = config.feed_forward.build(config.width)
        self.dropout = Dropout(config.dropout)

    @override
    def forward(
        self, sequence: Tensor, key: Tensor, value: Tensor, valid: Tensor, memory: Memory | None
    ) -> Tensor:
        gathered = self.attention(self.attention_norm(sequence), memory)
        sequence = sequence + self.dropout(gathered)
        found = self.across(self.across_norm(sequence), key, value, valid)
        sequence = sequence + self.dropout(found)
        return sequence + self.dropout(self.feed_forward(self.feed_forward_norm(sequence)))

    def looks(self, sequence: Tensor, key: Tensor, valid: Tensor) -> Tensor:
        """Return where each place looks, the mean of the heads, [batch, length, read]."""
        sequence = sequence + self.attention(self.attention_norm(sequence), None)
        return self.across.shares_between(self.across_norm(sequence), key, valid).mean(dim=1)
