"""Sounds and series played at other speeds, begun earlier or later."""

import torch
from torch import Tensor


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
    left = places.floor().long()
    right = torch.minimum(left + 1, (ends - 1).clamp_min(0))
    between = (places - left).unsqueeze(2)
    found = torch.lerp(_taken(values, left), _taken(values, right), between)
    if not is_series:
        found = torch.where(inside.unsqueeze(2), found, 0.0)
    is_real = steps < (ends / speed[:, None]).ceil().clamp_min(1)
    found = torch.where(is_real.unsqueeze(2), found, torch.nan)
    return found if is_series else found.squeeze(2)


def _taken(values: Tensor, places: Tensor) -> Tensor:
    return values.gather(1, places.unsqueeze(2).expand(-1, -1, values.shape[2]))
