"""Recurrent encoder of series: simple, LSTM or GRU cells, one or both directions.

Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; Graves and Schmidhuber 2005,
"Framewise phoneme classification with bidirectional LSTM" (both directions).
"""

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.core.table import look_up
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.pooling import POOLINGS
from lamina.networks.layers.recurrent import CELLS, Recurrent
from lamina.networks.layers.steps import Steps, check_scale
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesRNNConfig(AbstractEncoderConfig):
    """Settings of the recurrent encoder of series."""

    kinds: ClassVar[tuple[str, ...]] = ("series",)

    cell: str = "lstm"
    """Name in the table of cells: rnn, lstm or gru."""
    depth: int = 2
    """Layers."""
    width: int = 128
    """Units per direction."""
    steps_together: int = 1
    """Steps that a first convolution joins to one: long series pass sooner."""
    bidirectional: bool = True
    """Reads each series backwards too."""
    dropout: float = 0.2
    """Share of layer outputs dropped while training, in [0, 1)."""
    pooling: str = "mean"
    """Name in the table of poolings."""
    scale: str = "none"
    """What is done to each series on its own: "none", or "each" to level it."""

    def __post_init__(self) -> None:
        check_scale(self.scale)
        check_rate("dropout", self.dropout)
        look_up(CELLS, self.cell, what="recurrent cell")
        look_up(POOLINGS, self.pooling, what="pooling")
        if min(self.depth, self.width, self.steps_together) < 1:
            raise ConfigError(
                f"depth, width and steps_together must be at least 1, got {self.depth!r}, "
                f"{self.width!r} and {self.steps_together!r}. Try 2, 128 and 1."
            )

    @override
    def build(self, spec: InputSpec) -> "SeriesRNN":
        return SeriesRNN(self, spec)


@final
class SeriesRNN(AbstractEncoder):
    """Recurrent encoder, float [batch, steps, channels] → [batch, directions * width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        Graves and Schmidhuber 2005.
    """

    def __init__(self, config: SeriesRNNConfig, spec: InputSpec) -> None:
        super().__init__()
        self.steps = Steps(config.scale)
        self.steps_together = config.steps_together
        features, layers = spec.shape[0], []
        self.entry: nn.Conv1d | None = None
        if config.steps_together > 1:
            run = config.steps_together
            self.entry = nn.Conv1d(features, config.width, run, stride=run)
            features = config.width
        for _ in range(config.depth):
            layer = Recurrent(
                config.cell, features, config.width, is_bidirectional=config.bidirectional
            )
            layers.append(layer)
            features = layer.out_features
        self.layers = nn.ModuleList(layers)
        self.dropout = Dropout(config.dropout)
        self.pooling = look_up(POOLINGS, config.pooling, what="pooling")
        self.out_features = features

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return tuple(self.layers)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        values, valid = self.steps(inputs)
        if self.entry is not None:
            # The last run may have fewer steps than it has room for.
            values = self.entry(F.pad(values, (0, self.steps_together - 1)))
        sequence, is_real = values.transpose(1, 2), valid[:, 0, :: self.steps_together]
        for layer in self.layers:
            sequence = self.dropout(layer(sequence, is_real))
        return self.pooling(sequence, is_real)
