"""Mixer with scalar LSTMs: a linear forecast of each series, refined by reading across the series.

Source: Kraus et al. 2024, "xLSTM-Mixer: multivariate time series forecasting by mixing via scalar
memories", arXiv:2410.16928; Beck et al. 2024, "xLSTM", arXiv:2405.04517 (the cell). Differs: one
cell layer, no learned soft prompt; the answer is added to the linear forecast, zero at first.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.base import (
    AbstractBackbone,
    AbstractBackboneConfig,
    SeriesSpec,
    as_steps,
)
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.scalar_lstm import ScalarLSTM


@dataclass(frozen=True, kw_only=True, slots=True)
class MixerForecasterConfig(AbstractBackboneConfig):
    """Settings of the mixer."""

    reads_others: ClassVar[bool] = True

    width: int = 128
    """Features per series and view."""
    num_heads: int = 4
    """Heads of the cell; must divide the width."""
    dropout: float = 0.1
    """Share of the features dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if self.width < 1 or self.num_heads < 1 or self.width % self.num_heads:
            raise ConfigError(
                f"num_heads must divide width, got {self.num_heads!r} and {self.width!r}. "
                "Try 4 and 128."
            )

    @override
    def build(self, spec: SeriesSpec) -> "MixerForecaster":
        return MixerForecaster(self, spec)


@final
class MixerForecaster(AbstractBackbone):
    """Linear forecasts mixed over the series, in two views; reads all series together.

    Args:
        config: Its settings.
        spec: What the data says about the series.

    Source:
        arXiv:2410.16928, section 3.
    """

    def __init__(self, config: MixerForecasterConfig, spec: SeriesSpec) -> None:
        super().__init__()
        self.spec = spec
        answers = spec.horizon * spec.size
        self.first = nn.Linear(spec.look_back, answers)
        with torch.no_grad():
            self.first.weight.fill_(1.0 / spec.look_back)
            self.first.bias.zero_()
        self.entry = nn.Linear(answers, config.width)
        self.cell = ScalarLSTM(config.width, config.num_heads)
        self.dropout = Dropout(config.dropout)
        self.view = nn.Linear(2 * config.width, answers)
        nn.init.zeros_(self.view.weight)
        nn.init.zeros_(self.view.bias)

    @override
    def forward(self, past: Tensor, known: Tensor) -> Tensor:
        del known
        first = self.first(past)
        features = self.entry(first)
        # The second view reads the features back to front, with the same cell.
        views = [self.cell(each) for each in (features, features.flip(2))]
        mixed = self.dropout(functional.silu(torch.cat(views, dim=2)))
        answers = (first + self.view(mixed))[:, : self.spec.channels]
        return as_steps(answers, self.spec)
