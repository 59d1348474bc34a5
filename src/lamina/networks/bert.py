"""BERT, exactly as published, for its trained weights and those of its kin.

RoBERTa and DistilBERT are the same network under other names: a text alone has one type of token,
whose vector is added to those of the positions where weights are taken over
(`pretrained/bert.py`).

Source: Devlin et al. 2018, arXiv:1810.04805; Liu et al. 2019, "RoBERTa", arXiv:1907.11692; Sanh et
al. 2019, "DistilBERT", arXiv:1910.01108; pooling by the mean: Reimers and Gurevych 2019,
arXiv:1908.10084.
"""

from dataclasses import dataclass, field
from typing import ClassVar, final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.records import InputSpec
from lamina.core.table import look_up
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig, PostNormBlock
from lamina.networks.layers.dropout import Dropout
from lamina.networks.layers.embeddings import LearnedPositions
from lamina.networks.layers.pooling import POOLINGS, attendable
from lamina.networks.layers.word_vectors import WordVectors
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, Vectors


@dataclass(frozen=True, kw_only=True, slots=True)
class BertConfig(AbstractEncoderConfig):
    """Settings of BERT."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    blocks: ClassicBlocksConfig = field(default_factory=ClassicBlocksConfig)
    """The stack of blocks."""
    max_length: int = 512
    """Places with a vector of their own."""
    pooling: str = "mean"
    """Name in the table of poolings."""

    @override
    def build(self, spec: InputSpec) -> "Bert":
        return Bert(self, spec)


@final
class Bert(AbstractEncoder):
    """BERT, token ids [batch, length] → [batch, width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1810.04805. Differs: one type of token, whose vector is part of the positions.
    """

    def __init__(self, config: BertConfig, spec: InputSpec) -> None:
        super().__init__()
        self.embeddings = _Embeddings(config, spec)
        self.stack = nn.ModuleList(PostNormBlock(config.blocks) for _ in range(config.blocks.depth))
        self.pooling = look_up(POOLINGS, config.pooling, what="pooling")
        self.out_features = config.blocks.width

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return self.pooling(self.states(inputs), attendable(inputs))

    @override
    def states(self, inputs: Tensor) -> Tensor:
        valid, sequence = attendable(inputs), self.embeddings(inputs)
        for block in self.stack:
            sequence = block(sequence, valid)
        outputs: Tensor = sequence
        return outputs

    @override
    def vectors(self) -> Vectors:
        return Vectors(self.embeddings.words)

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return (self.embeddings, *self.stack)


class _Embeddings(nn.Module):
    """Vectors of words and places, added and normalised."""

    def __init__(self, config: BertConfig, spec: InputSpec) -> None:
        super().__init__()
        self.words = WordVectors(spec, config.blocks.width, deviation=0.02)
        self.positions = LearnedPositions(config.max_length, config.blocks.width)
        self.norm = config.blocks.norm()
        self.dropout = Dropout(config.blocks.dropout)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.dropout(self.norm(self.positions(self.words(inputs))))
        return outputs
