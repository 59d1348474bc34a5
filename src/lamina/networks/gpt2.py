"""GPT-2, exactly as published, as an encoder of texts.

Each position sees those before it only, so the last one has seen the whole text.

Source: Radford et al. 2019, "Language models are unsupervised multitask learners".
"""

from dataclasses import dataclass, field
from typing import ClassVar, final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.records import InputSpec
from lamina.core.table import look_up
from lamina.networks.layers.classic_blocks import (
    CausalSelfAttention,
    ClassicBlocksConfig,
    PreNormBlock,
)
from lamina.networks.layers.dropout import Dropout
from lamina.networks.layers.embeddings import LearnedPositions
from lamina.networks.layers.pooling import POOLINGS, attendable
from lamina.networks.layers.word_vectors import WordVectors
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, Vectors


@dataclass(frozen=True, kw_only=True, slots=True)
class GPT2Config(AbstractEncoderConfig):
    """Settings of GPT-2."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    blocks: ClassicBlocksConfig = field(
        default_factory=lambda: ClassicBlocksConfig(activation="gelu_tanh", epsilon=1e-5)
    )
    """The stack of blocks."""
    max_length: int = 1024
    """Places with a vector of their own."""
    pooling: str = "last"
    """Name in the table of poolings."""

    @override
    def build(self, spec: InputSpec) -> "GPT2":
        return GPT2(self, spec)


@final
class GPT2(AbstractEncoder):
    """GPT-2, token ids [batch, length] → [batch, width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        Radford et al. 2019.
    """

    def __init__(self, config: GPT2Config, spec: InputSpec) -> None:
        super().__init__()
        blocks = config.blocks
        self.embeddings = _Embeddings(config, spec)
        self.stack = nn.ModuleList(
            PreNormBlock(blocks, CausalSelfAttention(blocks.width, blocks.num_heads))
            for _ in range(blocks.depth)
        )
        self.norm = blocks.norm()
        self.pooling = look_up(POOLINGS, config.pooling, what="pooling")
        self.out_features = blocks.width

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return self.pooling(self.states(inputs), attendable(inputs))

    @override
    def states(self, inputs: Tensor) -> Tensor:
        valid, sequence = attendable(inputs), self.embeddings(inputs)
        for block in self.stack:
            sequence = block(sequence, valid)
        outputs: Tensor = self.norm(sequence)
        return outputs

    @override
    def vectors(self) -> Vectors:
        return Vectors(self.embeddings.words)

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return (self.embeddings, *self.stack, self.norm)


class _Embeddings(nn.Module):
    """Vectors of words and places, added."""

    def __init__(self, config: GPT2Config, spec: InputSpec) -> None:
        super().__init__()
        self.words = WordVectors(spec, config.blocks.width, deviation=0.02)
        self.positions = LearnedPositions(config.max_length, config.blocks.width)
        self.dropout = Dropout(config.blocks.dropout)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.dropout(self.positions(self.words(inputs)))
        return outputs
