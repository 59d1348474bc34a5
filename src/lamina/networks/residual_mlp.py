"""Multi-layer perceptron of residual blocks, whose feed-forward layer can be swapped.

A linear map to the width, then x + feed_forward(norm(x)) over and over, then a normaliser. With the
feed-forward layer "mixture_of_experts" it is a routed network.

Source: Gorishniy et al. 2021, "Revisiting deep learning models for tabular data", arXiv:2106.11959
(its "ResNet"). Differs: layer normalisation by default, so that a batch may be split.
"""

from dataclasses import dataclass
from typing import final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.networks.layers.dropout import Dropout, StochasticDepth, check_rate
from lamina.networks.layers.feed_forward import AbstractFeedForwardConfig, FeedForwardConfig
from lamina.networks.layers.feed_forwards import FEED_FORWARDS
from lamina.networks.layers.normalisers import normaliser
from lamina.networks.parts import AbstractTrunk, AbstractTrunkConfig, Blocks


@dataclass(frozen=True, kw_only=True, slots=True)
class ResidualMLPConfig(AbstractTrunkConfig):
    """Settings of the residual perceptron."""

    depth: int = 2
    """Residual blocks."""
    width: int = 192
    """Features between the blocks."""
    feed_forward: AbstractFeedForwardConfig = part_field(  # noqa: RUF009
        FEED_FORWARDS, FeedForwardConfig(ratio=2.0, activation="relu"), what="feed-forward layer"
    )
    """Layer inside a block."""
    normaliser: str = "layer"
    """Name in the table of normalisers."""
    dropout: float = 0.1
    """Share of each branch's outputs dropped while training, in [0, 1)."""
    stochastic_depth: float = 0.0
    """Share of samples that skip a branch while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        check_rate("stochastic_depth", self.stochastic_depth)
        if self.depth < 1 or self.width < 1:
            raise ConfigError(
                f"depth and width must be at least 1, got {self.depth!r} and {self.width!r}. "
                "Use the trunk 'perceptron' for no hidden layer."
            )

    @override
    def build(self, in_features: int, blocks: Blocks = ()) -> "ResidualMLP":
        return ResidualMLP(self, in_features)


@final
class ResidualMLP(AbstractTrunk):
    """Residual perceptron, [batch, in_features] → [batch, width].

    Args:
        config: Its settings.
        in_features: Width of the features.

    Source:
        arXiv:2106.11959, section 3.2.
    """

    def __init__(self, config: ResidualMLPConfig, in_features: int) -> None:
        super().__init__()
        self.entrance = nn.Linear(in_features, config.width)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                normaliser(config.normaliser, config.width),
                config.feed_forward.build(config.width),
                Dropout(config.dropout),
                StochasticDepth(config.stochastic_depth),
            )
            for _ in range(config.depth)
        )
        self.norm = normaliser(config.normaliser, config.width)
        self.out_features = config.width

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        features = self.entrance(inputs)
        for block in self.blocks:
            features = features + block(features)
        outputs: Tensor = self.norm(features)
        return outputs
