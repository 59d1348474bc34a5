"""Small series for the tests of forecasters."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.forecasters.base import SeriesSpec
from lamina.networks.forecasters.whole import ForecasterConfig

SPEC = SeriesSpec(look_back=30, horizon=5, channels=3, others=2, known=4, size=3, period=7)


def samples(spec: SeriesSpec = SPEC, rows: int = 6) -> dict[str, Tensor]:
    """Return past steps with gaps, what is known ahead, and phases."""
    source = torch.Generator().manual_seed(5)
    past = torch.randn(rows, spec.look_back, spec.channels + spec.others, generator=source)
    past[0, :, 1] = float("nan")
    past[1, :10] = float("nan")
    known = torch.randn(rows, spec.look_back + spec.horizon, spec.known, generator=source)
    return {"past": past, "known": known, "phase": torch.arange(rows)}


def build(config: ForecasterConfig, spec: SeriesSpec = SPEC) -> nn.Module:
    """Return a forecaster of a config for series of a spec."""
    config = replace(
        config, look_back=spec.look_back, horizon=spec.horizon, period=max(1, spec.period)
    )
    steps = spec.look_back + spec.horizon
    width = spec.channels + spec.others
    inputs = [
        InputSpec("past", "window", (), (spec.look_back, width)),
        InputSpec("known", "window", (), (steps, spec.known)),
        InputSpec("phase", "phase", (), (), cardinalities=(max(1, spec.period),)),
    ]
    outputs = [OutputSpec(f"y{i}", spec.horizon * spec.size) for i in range(spec.channels)]
    return config.build(inputs, outputs)


def answers(model: nn.Module, inputs: dict[str, Tensor], spec: SeriesSpec = SPEC) -> Tensor:
    """Return what a forecaster answers, float [batch, horizon, channels, size]."""
    found = list(model(inputs).values())
    return torch.stack([each.unflatten(1, (spec.horizon, spec.size)) for each in found], dim=2)
