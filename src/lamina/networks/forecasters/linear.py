"""Linear forecaster: each future step a weighted sum of the past ones, the same for all series.

Source: Zeng et al. 2023, "Are Transformers effective for time series forecasting?",
arXiv:2205.13504. Differs: the weights start at the mean of the look-back, and quantiles share the
map of the point forecast, each with an offset per step of its own.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.networks.forecasters.base import (
    AbstractBackbone,
    AbstractBackboneConfig,
    SeriesSpec,
    as_steps,
)
from lamina.networks.layers.dropout import Dropout, check_rate


@dataclass(frozen=True, kw_only=True, slots=True)
class LinearForecasterConfig(AbstractBackboneConfig):
    """Settings of the linear forecaster."""

    dropout: float = 0.0
    """Share of past steps dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)

    @override
    def build(self, spec: SeriesSpec) -> "LinearForecaster":
        return LinearForecaster(self, spec)


@final
class LinearForecaster(AbstractBackbone):
    """One linear map over time, shared by all series.

    Args:
        config: Its settings.
        spec: What the data says about the series.

    Source:
        arXiv:2205.13504.
    """

    def __init__(self, config: LinearForecasterConfig, spec: SeriesSpec) -> None:
        super().__init__()
        self.spec = spec
        self.dropout = Dropout(config.dropout)
        self.map = nn.Linear(spec.look_back, spec.horizon * spec.size)
        with torch.no_grad():
            self.map.weight.fill_(1.0 / spec.look_back)
            self.map.bias.zero_()

    @override
    def forward(self, past: Tensor, known: Tensor) -> Tensor:
        del known
        series = past[:, : self.spec.channels]
        return as_steps(self.map(self.dropout(series)), self.spec)
