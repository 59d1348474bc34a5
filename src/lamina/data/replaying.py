"""Sounds and series played at other speeds, begun earlier or later, now faster and now slower."""

import torch
from torch import Tensor
from torch.nn import functional as F

_GRID = 256


def is_signal(name: str, values: Tensor) -> bool:
    """Return whether an input of a batch is sounds or series.

    Args:
        name: Its name; numbers have the same type as sounds, and are always called "number".
        values: The input.
    """
    return values.ndim in (2, 3) and values.is_floating_point() and name != "number"


def replay(signals: Tensor, speed: Tensor, shift: Tensor, width: int) -> Tensor:
    """Return signals at other speeds, begun earlier or later, along the lines between samples.

    Args:
        signals: Sounds, float [batch, samples], or series, float [batch, steps, channels]; NaN
            behind the end of each.
        speed: float [batch], 1 for the same speed, 2 for twice as fast.
        shift: float [batch], share of the signal by which it is moved to later; what moves out is
            lost. What moves in is silence in a sound; a series holds its first or last step.
        width: Samples of the result, of the slowest signal at least.

    Source:
        Ko et al. 2015, "Audio augmentation for speech recognition" (speed). Differs: along lines
        between samples, any factor.
    """
    is_series = signals.ndim == 3
    values = signals if is_series else signals.unsqueeze(2)
    ends = (~values[:, :, 0].isnan()).sum(dim=1, keepdim=True)
    steps = torch.arange(width, device=signals.device)
    places = steps * speed[:, None] - shift[:, None] * ends
    inside = (places >= 0) & (places <= ends - 1)
    places = torch.minimum(places.clamp_min(0), ends.to(places.dtype) - 1).clamp_min(0)
    found = _between(values, places, (ends - 1).clamp_min(0))
    if not is_series:
        found = torch.where(inside.unsqueeze(2), found, 0.0)
    is_real = steps < (ends / speed[:, None]).ceil().clamp_min(1)
    found = torch.where(is_real.unsqueeze(2), found, torch.nan)
    return found if is_series else found.squeeze(2)


def warp(series: Tensor, speeds: Tensor) -> Tensor:
    """Return series whose speed changes on the way, as long as they were, begun and ended alike.

    Args:
        series: float [batch, steps, channels], NaN behind the end of each.
        speeds: float [batch, knots], above 0: how fast each is at times evenly apart, from its
            first step to its last, in any unit; between them along lines.

    Source:
        Le Guennec et al. 2016, "Data augmentation for time series classification using
        convolutional neural networks"; Um et al. 2017, arXiv:1706.00527. Differs: both ends stay.
    """
    ends = (~series[:, :, 0].isnan()).sum(dim=1, keepdim=True)
    fine = F.interpolate(speeds.unsqueeze(1), size=_GRID, mode="linear", align_corners=True)[:, 0]
    passed = F.pad((fine[:, 1:] + fine[:, :-1]).cumsum(dim=1), (1, 0))
    passed = passed / passed[:, -1:]
    steps = torch.arange(series.shape[1], device=series.device)
    last = (ends - 1).clamp_min(0)
    times = (steps / last.clamp_min(1)).clamp_max(1) * (_GRID - 1)
    places = _between(passed.unsqueeze(2), times, torch.full_like(last, _GRID - 1)).squeeze(2)
    found = _between(series, places * last, last)
    return torch.where((steps < ends).unsqueeze(2), found, torch.nan)


def _between(values: Tensor, places: Tensor, last: Tensor) -> Tensor:
    """Return values at places between steps, along lines, float [batch, places, channels]."""
    left = places.floor().long()
    right = torch.minimum(left + 1, last)
    return torch.lerp(
        _taken(values, left), _taken(values, right), (places - left).unsqueeze(2).to(values.dtype)
    )


def _taken(values: Tensor, places: Tensor) -> Tensor:
    return values.gather(1, places.unsqueeze(2).expand(-1, -1, values.shape[2]))
