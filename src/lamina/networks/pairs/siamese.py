"""Each text as a whole, then the two beside each other: u, v, |u - v|, u v.

Source: Bromley et al. 1993, "Signature verification using a siamese time delay neural network";
Conneau et al. 2017, "InferSent", arXiv:1705.02364 (what is put beside each other).
"""

from dataclasses import dataclass
from typing import final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.layers.activations import ActivationLayer
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.pairs.base import (
    AbstractComparison,
    AbstractComparisonConfig,
    beside,
    width_beside,
)
from lamina.networks.parts import AbstractEncoder


@dataclass(frozen=True, kw_only=True, slots=True)
class SiameseConfig(AbstractComparisonConfig):
    """Settings of the comparison of whole texts."""

    width: int = 64
    """Numbers that a text is brought to before it is compared; 0 for those of the reader."""
    activation: str = "tanh"
    """Name in the table of activations, of these numbers."""
    dropout: float = 0.0
    """Share of these numbers dropped while training, in [0, 1)."""
    is_symmetric: bool = False
    """Whether the answer must not depend on which text is the first."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if self.width < 0:
            raise ConfigError(f"width must be at least 0, got {self.width!r}. Try 64.")

    @override
    def build(self, reader: AbstractEncoder) -> "Siamese":
        return Siamese(self, reader.out_features)


@final
class Siamese(AbstractComparison):
    """Features of whole texts beside each other, [batch, 4 * width] or, symmetric, 3 * width.

    Args:
        config: Its settings.
        features: Width of the reader's features.

    Source:
        arXiv:1705.02364, section 3.1. Differs: texts are brought to fewer numbers first.
    """

    def __init__(self, config: SiameseConfig, features: int) -> None:
        super().__init__()
        self.is_symmetric = config.is_symmetric
        self.gist: nn.Module = nn.Identity()
        if config.width:
            self.gist = nn.Sequential(
                nn.Linear(features, config.width),
                ActivationLayer(config.activation),
                Dropout(config.dropout),
            )
        width = config.width or features
        self.out_features = width_beside(width, is_symmetric=config.is_symmetric)

    @override
    def forward(self, reader: AbstractEncoder, first: Tensor, second: Tensor) -> Tensor:
        one, other = self.gist(reader(first)), self.gist(reader(second))
        return beside(one, other, is_symmetric=self.is_symmetric)
