"""Feed-forward layers: what stands between two attentions, or makes a residual block of an MLP.

Each maps [..., width] to the same shape. The table is in `feed_forwards.py`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.layers.activations import activation


class AbstractFeedForwardConfig(ABC):
    """Config of a feed-forward layer."""

    __slots__ = ()

    @abstractmethod
    def build(self, width: int) -> nn.Module:
        """Return a layer with fresh weights.

        Args:
            width: Features in and out.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedForwardConfig(AbstractFeedForwardConfig):
    """Settings of the plain feed-forward layer."""

    ratio: float = 4.0
    """Hidden units per feature."""
    activation: str = "gelu"
    """Name in the table of activations."""

    def __post_init__(self) -> None:
        check_ratio(self.ratio)

    @override
    def build(self, width: int) -> "FeedForward":
        return FeedForward(self, width)


class FeedForward(nn.Module):
    """Linear, activation, linear.

    Args:
        config: Its settings.
        width: Features in and out.

    Source:
        Vaswani et al. 2017, arXiv:1706.03762, section 3.3.
    """

    def __init__(self, config: FeedForwardConfig, width: int) -> None:
        super().__init__()
        hidden = hidden_width(width, config.ratio)
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, width)
        self.activation = activation(config.activation)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.outer(self.activation(self.inner(inputs)))
        return outputs


@dataclass(frozen=True, kw_only=True, slots=True)
class GatedFeedForwardConfig(AbstractFeedForwardConfig):
    """Settings of the gated feed-forward layer."""

    ratio: float = 8.0 / 3.0
    """Hidden units per feature; 8/3 costs what 4 costs without a gate."""
    activation: str = "silu"
    """Name in the table of activations; sigmoid gives GLU, gelu GEGLU, silu SwiGLU."""

    def __post_init__(self) -> None:
        check_ratio(self.ratio)

    @override
    def build(self, width: int) -> "GatedFeedForward":
        return GatedFeedForward(self, width)


class GatedFeedForward(nn.Module):
    """W (f(G x) * V x): one half of the hidden units opens and shuts the other.

    Args:
        config: Its settings.
        width: Features in and out.

    Source:
        Shazeer 2020, "GLU variants improve Transformer", arXiv:2002.05202. Differs: with biases.
    """

    def __init__(self, config: GatedFeedForwardConfig, width: int) -> None:
        super().__init__()
        hidden = hidden_width(width, config.ratio)
        self.inner = nn.Linear(width, 2 * hidden)
        self.outer = nn.Linear(hidden, width)
        self.activation = activation(config.activation)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        gate, value = self.inner(inputs).chunk(2, dim=-1)
        outputs: Tensor = self.outer(self.activation(gate) * value)
        return outputs


def hidden_width(width: int, ratio: float) -> int:
    """Return the hidden units of a feed-forward layer, at least one.

    Args:
        width: Features in and out.
        ratio: Hidden units per feature.
    """
    return max(1, round(width * ratio))


def check_ratio(ratio: float) -> None:
    """Refuse a ratio of hidden units that is not above zero.

    Args:
        ratio: Hidden units per feature.

    Raises:
        ConfigError: It is not.
    """
    if not ratio > 0:
        raise ConfigError(f"ratio must be above 0, got {ratio!r}. Try 4.")
