"""Patch Transformer: attention over stretches of the past, each series by itself.

Source: Nie et al. 2023, "A time series is worth 64 words" (PatchTST), arXiv:2211.14730. Differs:
normalised before each branch, with layer normalisation.
"""

from dataclasses import dataclass, field
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.random import folded
from lamina.networks.forecasters.base import (
    AbstractBackbone,
    AbstractBackboneConfig,
    SeriesSpec,
    as_steps,
)
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.feed_forward import FeedForwardConfig
from lamina.networks.layers.transformer_block import TransformerBlocksConfig


def _small_blocks() -> TransformerBlocksConfig:
    feed_forward = FeedForwardConfig(ratio=4.0)
    return TransformerBlocksConfig(
        depth=3, width=32, num_heads=4, feed_forward=feed_forward, dropout=0.2
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchForecasterConfig(AbstractBackboneConfig):
    """Settings of the patch Transformer."""

    patch: int = 16
    """Past steps in a patch."""
    stride: int = 8
    """Steps from one patch to the next."""
    blocks: TransformerBlocksConfig = field(default_factory=_small_blocks)
    """The stack of blocks."""
    head_dropout: float = 0.1
    """Share of the features dropped before the answer while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("head_dropout", self.head_dropout)
        if not 1 <= self.stride <= self.patch:
            raise ConfigError(
                f"stride must be from 1 to patch ({self.patch!r}), got {self.stride!r}. "
                "Try a half of it."
            )

    @override
    def build(self, spec: SeriesSpec) -> "PatchForecaster":
        return PatchForecaster(self, spec)


@final
class PatchForecaster(AbstractBackbone):
    """Transformer over patches; reads each series by itself.

    Args:
        config: Its settings.
        spec: What the data says about the series.

    Source:
        arXiv:2211.14730.
    """

    def __init__(self, config: PatchForecasterConfig, spec: SeriesSpec) -> None:
        super().__init__()
        self.spec = spec
        self.patch, self.stride = min(config.patch, spec.look_back), config.stride
        # Copies of the first step fill up the first patch, so that the last step ends one.
        rest = (spec.look_back - self.patch) % self.stride
        self.padding = (self.stride - rest) % self.stride
        count = (spec.look_back + self.padding - self.patch) // self.stride + 1
        width = config.blocks.width
        self.embedding = nn.Linear(self.patch, width)
        self.positions = nn.Parameter(0.02 * torch.randn(count, width))
        self.dropout = Dropout(config.blocks.dropout)
        self.stack = config.blocks.build()
        self.head_dropout = Dropout(config.head_dropout)
        self.head = nn.Linear(count * width, spec.horizon * spec.size)

    @override
    def forward(self, past: Tensor, known: Tensor) -> Tensor:
        del known
        series = past[:, : self.spec.channels]
        series = functional.pad(series, (self.padding, 0), mode="replicate")
        patches = series.unfold(2, self.patch, self.stride)
        batch = patches.shape[0]
        sequence = self.embedding(patches).flatten(0, 1) + self.positions
        with folded(self.spec.channels):
            features = self.stack(self.dropout(sequence)).flatten(1)
        features = features.reshape(batch, self.spec.channels, -1)
        return as_steps(self.head(self.head_dropout(features)), self.spec)
