"""Multi-layer perceptron: linear, normaliser, activation, dropout, over and over.

Source: Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors".
"""

from dataclasses import dataclass
from typing import final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.layers.activations import ActivationLayer
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.normalisers import normaliser
from lamina.networks.parts import AbstractTrunk, AbstractTrunkConfig, Blocks


@dataclass(frozen=True, kw_only=True, slots=True)
class MLPConfig(AbstractTrunkConfig):
    """Settings of a multi-layer perceptron."""

    depth: int = 2
    """Hidden layers."""
    width: int = 256
    """Units in each hidden layer."""
    activation: str = "relu"
    """Name in the table of activations."""
    normaliser: str = "none"
    """Name in the table of normalisers."""
    dropout: float = 0.0
    """Share of activations dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if self.depth < 1 or self.width < 1:
            raise ConfigError(
                f"depth and width must be at least 1, got {self.depth!r} and {self.width!r}. "
                "Use the trunk 'perceptron' for no hidden layer."
            )

    @override
    def build(self, in_features: int, blocks: Blocks = ()) -> "MLP":
        return MLP(self, in_features)


@final
class MLP(AbstractTrunk):
    """Fully connected layers, [batch, in_features] → [batch, width].

    Args:
        config: Its settings.
        in_features: Width of the features.

    Source:
        Rumelhart et al. 1986.
    """

    def __init__(self, config: MLPConfig, in_features: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for layer in range(config.depth):
            layers.append(nn.Linear(config.width if layer else in_features, config.width))
            if config.normaliser != "none":
                layers.append(normaliser(config.normaliser, config.width))
            layers.append(ActivationLayer(config.activation))
            if config.dropout:
                layers.append(Dropout(config.dropout))
        self.layers = nn.ModuleList(layers)
        self.out_features = config.width

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs
