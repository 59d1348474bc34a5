"""Transformer encoder of texts.

Source: Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762; Devlin et al. 2018,
"BERT", arXiv:1810.04805. Differs: normalised before each branch, rotary positions by default.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.records import InputSpec
from lamina.core.table import look_up
from lamina.networks.layers.dropout import Dropout
from lamina.networks.layers.embeddings import LearnedPositions, Rotary
from lamina.networks.layers.pooling import POOLINGS, attendable
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.layers.word_vectors import WordVectors
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, Vectors


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformerConfig(AbstractEncoderConfig):
    """Settings of the Transformer encoder."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    blocks: TransformerBlocksConfig = field(default_factory=TransformerBlocksConfig)
    """The stack of blocks."""
    positions: Literal["rotary", "learned"] = "rotary"
    """How a token's place is told."""
    max_length: int = 512
    """Places with a vector of their own, where positions are learned."""
    pooling: str = "mean"
    """Name in the table of poolings."""

    @override
    def build(self, spec: InputSpec) -> "Transformer":
        return Transformer(self, spec)


@final
class Transformer(AbstractEncoder):
    """Transformer encoder, token ids [batch, length] → [batch, width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1706.03762, section 3.1.
    """

    def __init__(self, config: TransformerConfig, spec: InputSpec) -> None:
        super().__init__()
        width = config.blocks.width
        rotary = Rotary(width // config.blocks.num_heads) if config.positions == "rotary" else None
        self.embedding = WordVectors(spec, width, deviation=0.02)
        self.positions: nn.Module = (
            LearnedPositions(config.max_length, width) if rotary is None else nn.Identity()
        )
        self.dropout = Dropout(config.blocks.dropout)
        self.stack = config.blocks.build(rotary)
        self.pooling = look_up(POOLINGS, config.pooling, what="pooling")
        self.out_features = width

    @override
    def vectors(self) -> Vectors:
        return Vectors(self.embedding)

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        lowest = nn.ModuleList([self.embedding, self.positions])
        *blocks, last = self.stack.blocks
        return (lowest, *blocks, nn.ModuleList([last, self.stack.norm]))

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return self.pooling(self.states(inputs), attendable(inputs))

    @override
    def states(self, inputs: Tensor) -> Tensor:
        sequence = self.dropout(self.positions(self.embedding(inputs)))
        found: Tensor = self.stack(sequence, attendable(inputs))
        return found
