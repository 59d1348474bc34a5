"""Recurrent forecaster: reads the past step by step and answers all future steps at once.

Source: Hochreiter and Schmidhuber 1997 (LSTM); Cho et al. 2014, arXiv:1406.1078 (GRU); Wen et al.
2017, "A multi-horizon quantile recurrent forecaster", arXiv:1711.11053 (all steps and quantiles
at once). Differs: the decoder is one perceptron for all steps.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.base import (
    AbstractBackbone,
    AbstractBackboneConfig,
    SeriesSpec,
    as_steps,
)
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.recurrent import Recurrent


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurrentForecasterConfig(AbstractBackboneConfig):
    """Settings of the recurrent forecaster."""

    reads_others: ClassVar[bool] = True

    cell: str = "lstm"
    """Name in the table of cells: rnn, lstm or gru."""
    depth: int = 1
    """Layers."""
    width: int = 64
    """Units."""
    dropout: float = 0.1
    """Share of each layer's outputs dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if min(self.depth, self.width) < 1:
            raise ConfigError(
                f"depth and width must be at least 1, got {self.depth!r} and {self.width!r}. "
                "Try 1 and 64."
            )

    @override
    def build(self, spec: SeriesSpec) -> "RecurrentForecaster":
        return RecurrentForecaster(self, spec)


@final
class RecurrentForecaster(AbstractBackbone):
    """Recurrent layers and a linear decoder; reads all series together.

    Args:
        config: Its settings.
        spec: What the data says about the series.

    Source:
        arXiv:1711.11053.
    """

    def __init__(self, config: RecurrentForecasterConfig, spec: SeriesSpec) -> None:
        super().__init__()
        self.spec = spec
        features = spec.channels + spec.others + spec.known
        layers = []
        for _ in range(config.depth):
            layers.append(Recurrent(config.cell, features, config.width, is_bidirectional=False))
            features = config.width
        self.layers = nn.ModuleList(layers)
        self.dropout = Dropout(config.dropout)
        self.decoder = nn.Linear(features, spec.horizon * spec.channels * spec.size)

    @override
    def forward(self, past: Tensor, known: Tensor) -> Tensor:
        sequence = torch.cat((past.transpose(1, 2), known[:, : self.spec.look_back]), dim=2)
        valid = torch.ones(sequence.shape[:2], dtype=torch.bool, device=past.device)
        for layer in self.layers:
            sequence = self.dropout(layer(sequence, valid))
        return as_steps(self.decoder(sequence[:, -1]), self.spec)
