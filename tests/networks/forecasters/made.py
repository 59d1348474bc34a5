"""Small series for the tests of forecasters."""

import torch
from torch import Tensor

from lamina.networks.forecasters.base import SeriesSpec

SPEC = SeriesSpec(look_back=30, horizon=5, channels=3, others=2, known=4, size=3, period=7)


def samples(spec: SeriesSpec = SPEC, rows: int = 6) -> tuple[Tensor, Tensor, Tensor]:
    """Return past steps with gaps, what is known ahead, and phases."""
    source = torch.Generator().manual_seed(5)
    past = torch.randn(rows, spec.look_back, spec.channels + spec.others, generator=source)
    past[0, :, 1] = float("nan")
    past[1, :10] = float("nan")
    known = torch.randn(rows, spec.look_back + spec.horizon, spec.known, generator=source)
    return past, known, torch.arange(rows)
