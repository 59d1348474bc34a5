"""Transformer blocks exactly as published with BERT, GPT-2 and ViT, for their trained weights.

The blocks of `transformer_block.py` are for training from fresh weights; these compute what the
published networks compute: normalised after each branch (BERT) or before it (GPT-2, ViT), with the
epsilon, the activation and the biases that their weights were trained with.

Source: Devlin et al. 2018, arXiv:1810.04805; Radford et al. 2019, "Language models are unsupervised
multitask learners"; Dosovitskiy et al. 2020, arXiv:2010.11929. Differs: no dropout acts on the
attention weights (see `attention.py`).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.layers.attention import SelfAttention, attend, check_heads
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.feed_forward import FeedForward, FeedForwardConfig, check_ratio


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassicBlocksConfig:
    """Settings of a stack of published Transformer blocks."""

    depth: int = 6
    """Blocks."""
    width: int = 384
    """Features per position."""
    num_heads: int = 12
    """Heads of the attention; must divide the width."""
    ratio: float = 4.0
    """Hidden units of the feed-forward layers per feature."""
    activation: str = "gelu"
    """Name in the table of activations."""
    epsilon: float = 1e-12
    """What the normalisers add to the variance."""
    dropout: float = 0.1
    """Share of each branch's outputs dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_heads(self.width, self.num_heads)
        check_rate("dropout", self.dropout)
        check_ratio(self.ratio)
        if self.depth < 1 or not self.epsilon > 0:
            raise ConfigError(
                f"depth must be at least 1 and epsilon above 0, got {self.depth!r} and "
                f"{self.epsilon!r}. Try 6 and 1e-12."
            )

    def norm(self) -> nn.LayerNorm:
        """Return a normaliser with fresh weights."""
        return nn.LayerNorm(self.width, eps=self.epsilon)

    def feed_forward(self) -> FeedForward:
        """Return a feed-forward layer with fresh weights."""
        config = FeedForwardConfig(ratio=self.ratio, activation=self.activation)
        return FeedForward(config, self.width)


class PostNormBlock(nn.Module):
    """Attention and feed-forward layer, each added to its input and then normalised.

    Args:
        config: Settings of the stack.

    Shape:
        sequence [batch, length, width], valid bool [batch, length] → [batch, length, width].

    Source:
        arXiv:1810.04805.
    """

    def __init__(self, config: ClassicBlocksConfig) -> None:
        super().__init__()
        self.attention = SelfAttention(config.width, config.num_heads)
        self.attention_norm = config.norm()
        self.feed_forward = config.feed_forward()
        self.feed_forward_norm = config.norm()
        self.dropout = Dropout(config.dropout)

    @override
    def forward(self, sequence: Tensor, valid: Tensor | None = None) -> Tensor:
        gathered = self.dropout(self.attention(sequence, valid))
        sequence = self.attention_norm(sequence + gathered)
        changed = self.dropout(self.feed_forward(sequence))
        outputs: Tensor = self.feed_forward_norm(sequence + changed)
        return outputs


class PreNormBlock(nn.Module):
    """Attention and feed-forward layer, each of the normalised input, added to it.

    Args:
        config: Settings of the stack.
        attention: Gathers from the other positions.

    Shape:
        sequence [batch, length, width], valid bool [batch, length] → [batch, length, width].

    Source:
        arXiv:2010.11929.
    """

    def __init__(self, config: ClassicBlocksConfig, attention: nn.Module) -> None:
        super().__init__()
        self.attention_norm = config.norm()
        self.attention = attention
        self.feed_forward_norm = config.norm()
        self.feed_forward = config.feed_forward()
        self.dropout = Dropout(config.dropout)

    @override
    def forward(self, sequence: Tensor, valid: Tensor | None = None) -> Tensor:
        gathered = self.attention(self.attention_norm(sequence), valid)
        sequence = sequence + self.dropout(gathered)
        changed = self.feed_forward(self.feed_forward_norm(sequence))
        outputs: Tensor = sequence + self.dropout(changed)
        return outputs


class CausalSelfAttention(nn.Module):
    """Each position gathers from itself and the valid ones before it.

    Args:
        width: Features per position.
        num_heads: Heads; must divide the width.

    Shape:
        sequence [batch, length, width], valid bool [batch, length] → [batch, length, width].

    Source:
        Radford et al. 2019.
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        check_heads(width, num_heads)
        self.num_heads = num_heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    @override
    def forward(self, sequence: Tensor, valid: Tensor) -> Tensor:
        batch, length, width = sequence.shape
        together = self.query_key_value(sequence)
        heads = together.view(batch, length, 3, self.num_heads, width // self.num_heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4).unbind(0)
        places = torch.arange(length, device=sequence.device)
        mask = (places <= places[:, None]) & valid[:, None, None, :]
        gathered = attend(query, key, value, mask)
        outputs: Tensor = self.output(gathered.transpose(1, 2).reshape(batch, length, width))
        return outputs
