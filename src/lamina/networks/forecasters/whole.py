"""A whole forecaster: reversible normalisation, learned cycle and covariates around a backbone.

Source: Kim et al. 2022, "Reversible instance normalization for accurate time-series forecasting
against distribution shift" (RevIN); Lin et al. 2024, "CycleNet: enhancing time series forecasting
through modeling periodic patterns", arXiv:2409.18479. Differs: no learned scale after the
normalisation; steps that are missing count neither for it nor, being zero, for a linear map.
"""

from dataclasses import dataclass
from typing import Literal, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.networks.forecasters.base import AbstractBackboneConfig, SeriesSpec
from lamina.networks.forecasters.linear import LinearForecasterConfig
from lamina.networks.forecasters.table import BACKBONES

_SMALL = 1e-5


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecasterConfig:
    """Settings of a whole forecaster."""

    backbone: AbstractBackboneConfig = part_field(  # noqa: RUF009
        BACKBONES, LinearForecasterConfig(), what="forecaster"
    )
    """From normalised past steps to normalised future ones."""
    normalisation: Literal["window", "last", "none"] = "window"
    """What each sample is freed from and given back: mean and deviation of its look-back; the last
    step and the deviation; nothing."""
    cycle: bool = True
    """Learns a cycle of the period that was found, and forecasts what is left."""
    covariate_width: int = 32
    """Units of the perceptron that turns what is known ahead into effects; 0 for a linear map."""

    def __post_init__(self) -> None:
        if self.covariate_width < 0:
            raise ConfigError(
                f"covariate_width must be at least 0, got {self.covariate_width!r}. Try 32."
            )

    def build_series(self, spec: SeriesSpec) -> "Forecaster":
        """Return a forecaster with fresh weights.

        Args:
            spec: What the data says about the series.
        """
        return Forecaster(self, spec)


@final
class Forecaster(nn.Module):
    """Past steps and what is known ahead → future steps, in the unit of the past.

    Args:
        config: Its settings.
        spec: What the data says about the series.

    Shape:
        past float [batch, look_back, channels + others], NaN where missing; known float
        [batch, look_back + horizon, known]; phase int64 [batch], place of the first past step in
        its cycle → float [batch, horizon, channels, size].

    Source:
        Kim et al. 2022; arXiv:2409.18479.
    """

    def __init__(self, config: ForecasterConfig, spec: SeriesSpec) -> None:
        super().__init__()
        self.spec, self.normalisation = spec, config.normalisation
        self.backbone = config.backbone.build(spec)
        has_cycle = config.cycle and spec.period > 1
        width = spec.channels + spec.others
        self.cycle = nn.Parameter(torch.zeros(spec.period, width)) if has_cycle else None
        self.effects = _effects(config, spec) if spec.known else None

    @override
    def forward(self, past: Tensor, known: Tensor, phase: Tensor) -> Tensor:
        spec = self.spec
        center, scale = self._frame(past)
        steps = ((past - center) / scale).nan_to_num(0.0, 0.0, 0.0)
        is_known = ~past.isnan()
        if self.cycle is not None:
            places = phase[:, None] + torch.arange(
                spec.look_back + spec.horizon, device=phase.device
            )
            waves = self.cycle[places % spec.period]
            steps = (steps - waves[:, : spec.look_back]) * is_known
        ahead: Tensor = self.backbone(steps, known)
        if self.cycle is not None:
            ahead = ahead + waves[:, spec.look_back :, : spec.channels, None]
        if self.effects is not None:
            effects = self.effects(known[:, spec.look_back :])
            ahead = ahead + effects.unflatten(2, (spec.channels, spec.size))
        kept = slice(None, spec.channels)
        return ahead * scale[:, :, kept, None] + center[:, :, kept, None]

    def _frame(self, past: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each sample is freed from: center, scale [batch, 1, channels + others]."""
        if self.normalisation == "none":
            like = past[:, :1].detach().nan_to_num()
            return torch.zeros_like(like), torch.ones_like(like)
        is_known = ~past.isnan()
        count = is_known.sum(dim=1, keepdim=True).clamp_min(1)
        filled = past.nan_to_num()
        center = filled.sum(dim=1, keepdim=True) / count
        squares = (filled - center).square() * is_known
        scale = (squares.sum(dim=1, keepdim=True) / count + _SMALL).sqrt()
        if self.normalisation == "last":
            places = torch.arange(past.shape[1], device=past.device)[None, :, None]
            last = (places * is_known).amax(dim=1, keepdim=True)
            center = filled.gather(1, last)
        return center, scale


def _effects(config: ForecasterConfig, spec: SeriesSpec) -> nn.Module:
    """Return a network from what is known of a step to effects on it, zero at first."""
    answers = spec.channels * spec.size
    last = nn.Linear(config.covariate_width or spec.known, answers)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    if not config.covariate_width:
        return last
    return nn.Sequential(nn.Linear(spec.known, config.covariate_width), nn.SiLU(), last)
