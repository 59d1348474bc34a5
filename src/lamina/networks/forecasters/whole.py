"""A whole forecaster: reversible normalisation, learned cycle and covariates around a backbone.

Source: Kim et al. 2022, "Reversible instance normalization for accurate time-series forecasting
against distribution shift" (RevIN); Lin et al. 2024, "CycleNet: enhancing time series forecasting
through modeling periodic patterns", arXiv:2409.18479. Differs: no learned scale after the
normalisation; steps that are missing count neither for it nor, being zero, for a linear map.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModel, AbstractModelConfig
from lamina.networks.forecasters.base import AbstractBackboneConfig, SeriesSpec
from lamina.networks.forecasters.linear import LinearForecasterConfig
from lamina.networks.forecasters.table import BACKBONES

_SMALL = 1e-5


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecasterConfig(AbstractModelConfig):
    """Settings of a whole forecaster, and which past and future it joins."""

    horizon: int = 12
    """Steps ahead, at least 1."""
    look_back: int = 48
    """Past steps seen, at least 1."""
    period: int = 1
    """Steps of a cycle; 1 for none."""
    step: str = "1"
    """Length of a step: "1 hour", "3 months"; a plain number where times are numbers."""
    known: tuple[str, ...] = ()
    """Input columns whose future is known when a forecast is made."""
    backbone: AbstractBackboneConfig = part_field(  # noqa: RUF009
        BACKBONES, LinearForecasterConfig(), what="forecaster"
    )
    """From normalised past steps to normalised future ones."""
    normalisation: Literal["window", "last", "none"] = "window"
    """What each sample is freed from and given back: mean and deviation of its look-back; the last
    step and the deviation; nothing."""
    cycle: bool = True
    """Learns a cycle of the period, and forecasts what is left."""
    covariate_width: int = 32
    """Units of the perceptron that turns what is known ahead into effects; 0 for a linear map."""

    def __post_init__(self) -> None:
        if min(self.horizon, self.look_back, self.period) < 1:
            raise ConfigError(
                f"horizon, look_back and period must be at least 1, got {self.horizon!r}, "
                f"{self.look_back!r} and {self.period!r}. Use period 1 for no cycle."
            )
        if self.covariate_width < 0:
            raise ConfigError(
                f"covariate_width must be at least 0, got {self.covariate_width!r}. Try 32."
            )

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "Forecaster":
        shapes = {spec.name: spec.shape for spec in inputs}
        wanted = (self.look_back, self.look_back + self.horizon)
        if (shapes["past"][0], shapes["known"][0]) != wanted:
            raise ConfigError(
                f"the windows show {shapes['past'][0]} past steps of {shapes['known'][0]}, the "
                f"network wants {wanted[0]} of {wanted[1]}. Set look_back and horizon alike."
            )
        spec = SeriesSpec(
            look_back=self.look_back,
            horizon=self.horizon,
            channels=len(outputs),
            others=shapes["past"][1] - len(outputs),
            known=shapes["known"][1],
            size=outputs[0].size // self.horizon,
            period=self.period,
        )
        return Forecaster(self, spec, tuple(output.name for output in outputs))


@final
class Forecaster(AbstractModel):
    """Past steps and what is known ahead → future steps, in the unit of the past.

    Args:
        config: Its settings.
        spec: What the data says about the series.
        names: Names of the series that are asked for.

    Shape:
        past float [batch, look_back, channels + others], NaN or infinite where missing; known float
        [batch, look_back + horizon, known]; phase int64 [batch], place of the first past step in
        its cycle → for each name float [batch, horizon × size], the numbers of a step together.

    Source:
        Kim et al. 2022; arXiv:2409.18479.
    """

    spread: Tensor

    def __init__(self, config: ForecasterConfig, spec: SeriesSpec, names: tuple[str, ...]) -> None:
        super().__init__()
        self.spec, self.normalisation = spec, config.normalisation
        self.input_names, self.output_names = ("past", "known", "phase"), names
        self.out_features = spec.horizon * spec.channels * spec.size
        self.backbone = config.backbone.build(spec)
        has_cycle = config.cycle and spec.period > 1
        width = spec.channels + spec.others
        self.cycle = nn.Parameter(torch.zeros(spec.period, width)) if has_cycle else None
        self.effects = _effects(config, spec) if spec.known else None
        # How far each number of a step is from the middle one, as settled on held-out samples.
        self.register_buffer("spread", torch.ones(spec.size, spec.horizon))

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        spec, known = self.spec, inputs["known"]
        past = inputs["past"].transpose(1, 2)
        # Neither NaN nor an infinite number is below infinity.
        is_known = past.abs() < math.inf
        filled, counted = torch.where(is_known, past, 0.0), is_known.to(past.dtype)
        center, scale = self._frame(filled, counted)
        steps = (filled - center) * counted / scale
        if self.cycle is not None:
            waves = F.embedding(self._places(inputs["phase"]), self.cycle).transpose(1, 2)
            steps = (steps - waves[:, :, : spec.look_back]) * counted
        ahead: Tensor = self.backbone(steps, known)
        if self.effects is not None:
            effects = self.effects(known[:, spec.look_back :]).transpose(1, 2)
            ahead = ahead + effects.unflatten(1, (spec.channels, spec.size))
        if not self.training and spec.size > 1:
            # Before anything that all numbers of a step share is added: where they lie close
            # together and `spread` is large, its rounding would grow with it.
            middle = ahead[:, :, spec.size // 2, None]
            ahead = middle + (ahead - middle) * self.spread
        if self.cycle is not None:
            ahead = ahead + waves[:, : spec.channels, None, spec.look_back :]
        kept = slice(None, spec.channels)
        answers = ahead * scale[:, kept, None] + center[:, kept, None]
        # One split of numbers that lie one after the other: graphs pay for each operator.
        flat = answers.transpose(2, 3).flatten(1).split(spec.horizon * spec.size, dim=1)
        return dict(zip(self.output_names, flat, strict=True))

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        return torch.cat(list(self.forward(inputs).values()), dim=1)

    def _places(self, phase: Tensor) -> Tensor:
        """Return the place of every step in its cycle, int64 [batch, look_back + horizon]."""
        reach = torch.arange(self.spec.look_back + self.spec.horizon, device=phase.device)
        return (phase[:, None] + reach) % self.spec.period

    def _frame(self, filled: Tensor, counted: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each sample is freed from: center, scale [batch, channels + others, 1]."""
        if self.normalisation == "none":
            like = filled[:, :, :1].detach()
            return torch.zeros_like(like), torch.ones_like(like)
        count = counted.sum(dim=2, keepdim=True).clamp_min(1.0)
        center = filled.sum(dim=2, keepdim=True) / count
        # As in `forward`, so that an exported graph computes it once.
        squares = ((filled - center) * counted).square()
        scale = (squares.sum(dim=2, keepdim=True) / count + _SMALL).sqrt()
        if self.normalisation == "last":
            places = torch.arange(filled.shape[2], device=filled.device)
            last = (places * (counted > 0)).amax(dim=2, keepdim=True)
            center = filled.gather(2, last)
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
