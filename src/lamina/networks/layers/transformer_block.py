"""Blocks of a Transformer encoder: attention, then a feed-forward layer, each beside a shortcut.

Source: Vaswani et al. 2017, arXiv:1706.03762; normalised before each branch as in Xiong et al.
2020, arXiv:2002.04745.
"""

from dataclasses import dataclass

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.networks.layers.attention import SelfAttention, check_heads
from lamina.networks.layers.dropout import Dropout, StochasticDepth, check_rate
from lamina.networks.layers.feed_forward import AbstractFeedForwardConfig, FeedForwardConfig
from lamina.networks.layers.feed_forwards import FEED_FORWARDS
from lamina.networks.layers.normalisers import normaliser


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformerBlocksConfig:
    """Settings of a stack of Transformer blocks."""

    depth: int = 4
    """Blocks."""
    width: int = 256
    """Features per position. With the depth and the heads of "BERT-mini" (Turc et al. 2019,
    arXiv:1908.08962); half of it learns no more in the same time (see docs/log.md)."""
    num_heads: int = 4
    """Heads of the attention; must divide the width."""
    feed_forward: AbstractFeedForwardConfig = part_field(  # noqa: RUF009
        FEED_FORWARDS, FeedForwardConfig(), what="feed-forward layer"
    )
    """Layer after the attention."""
    normaliser: str = "layer"
    """Name in the table of normalisers."""
    dropout: float = 0.1
    """Share of each branch's outputs dropped while training, in [0, 1)."""
    stochastic_depth: float = 0.0
    """Share of samples that skip the last branch while training, in [0, 1); earlier ones less."""

    def __post_init__(self) -> None:
        check_heads(self.width, self.num_heads)
        check_rate("dropout", self.dropout)
        check_rate("stochastic_depth", self.stochastic_depth)
        if self.depth < 1:
            raise ConfigError(f"depth must be at least 1, got {self.depth!r}. Try 4.")

    def build(self, positions: nn.Module | None = None) -> "TransformerBlocks":
        """Return a stack with fresh weights.

        Args:
            positions: Applied to queries and keys; None for none.
        """
        return TransformerBlocks(self, positions)


class TransformerBlocks(nn.Module):
    """A stack of blocks with a normaliser behind.

    Args:
        config: Its settings.
        positions: Applied to queries and keys; None for none.

    Shape:
        sequence [batch, length, width], valid bool [batch, length] → [batch, length, width].

    Source:
        arXiv:2002.04745.
    """

    def __init__(self, config: TransformerBlocksConfig, positions: nn.Module | None) -> None:
        super().__init__()
        rates = [
            config.stochastic_depth * (block + 1) / config.depth for block in range(config.depth)
        ]
        self.blocks = nn.ModuleList(_Block(config, positions, rate) for rate in rates)
        self.norm = normaliser(config.normaliser, config.width)

    @override
    def forward(self, sequence: Tensor, valid: Tensor | None = None) -> Tensor:
        for block in self.blocks:
            sequence = block(sequence, valid)
        outputs: Tensor = self.norm(sequence)
        return outputs


class _Block(nn.Module):
    def __init__(
        self, config: TransformerBlocksConfig, positions: nn.Module | None, rate: float
    ) -> None:
        super().__init__()
        self.attention_norm = normaliser(config.normaliser, config.width)
        self.attention = SelfAttention(config.width, config.num_heads, positions=positions)
        self.feed_forward_norm = normaliser(config.normaliser, config.width)
        self.feed_forward = config.feed_forward.build(config.width)
        self.dropout = Dropout(config.dropout)
        self.skip = StochasticDepth(rate)

    @override
    def forward(self, sequence: Tensor, valid: Tensor | None) -> Tensor:
        gathered = self.attention(self.attention_norm(sequence), valid)
        sequence = sequence + self.skip(self.dropout(gathered))
        changed = self.feed_forward(self.feed_forward_norm(sequence))
        return sequence + self.skip(self.dropout(changed))
