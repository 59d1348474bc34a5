"""Other voices, other rooms: log-mel bands of sounds changed at random while training.

Source: Park et al. 2019, "SpecAugment", arXiv:1904.08779 (hidden runs); Nam et al. 2022,
"FilterAugment", arXiv:2110.03282 (coloured bands); Jaitly and Hinton 2013, "Vocal tract length
perturbation improves speech recognition" (stretched bands). Differs: two hidden runs of each kind;
what is hidden becomes 0, the mean of a levelled sound; no warping of time; draws are keyed
(`core.random`).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.random import keyed_uniform

_KNOTS = 6


def hide_runs(logs: Tensor, valid: Tensor, *, bands: float, frames: float) -> Tensor:
    """Return log-mel bands with two runs of bands and two of frames hidden in each recording.

    Args:
        logs: float [batch, bands, frames], levelled.
        valid: bool [batch, 1, frames].
        bands: Longest run of bands, as a share of all.
        frames: Longest run of frames, as a share of those of the recording.
    """
    rows, num_bands, num_frames = logs.shape
    draws = keyed_uniform((rows, 8), logs.device)
    ends = valid.sum(dim=2).to(logs.dtype)
    kept = torch.ones_like(logs, dtype=torch.bool)
    for run in range(4):
        is_band = run < 2
        size = torch.full_like(ends, num_bands) if is_band else ends
        length = draws[:, 2 * run : 2 * run + 1] * (bands if is_band else frames) * size
        start = draws[:, 2 * run + 1 : 2 * run + 2] * (size - length)
        at = torch.arange(num_bands if is_band else num_frames, device=logs.device)
        is_hidden = (at >= start) & (at < (start + length).floor())
        kept = kept & ~(is_hidden.unsqueeze(2) if is_band else is_hidden.unsqueeze(1))
    return logs * kept


def colour_bands(logs: Tensor, valid: Tensor, *, strength: float) -> Tensor:
    """Return log-mel bands made louder or softer by a smooth curve, another for each recording.

    Rooms, distances and microphones do that to a voice.

    Args:
        logs: float [batch, bands, frames], levelled.
        valid: bool [batch, 1, frames].
        strength: Deviation of the curve at its knots, in deviations of the recording.
    """
    draws = 2 * keyed_uniform((logs.shape[0], 1, _KNOTS), logs.device) - 1
    knots = math.sqrt(3) * strength * draws
    curve = F.interpolate(knots, size=logs.shape[1], mode="linear", align_corners=True)
    return torch.where(valid, logs + curve.transpose(1, 2), 0.0)


def stretch_bands(logs: Tensor, *, most: float) -> Tensor:
    """Return log-mel bands drawn apart or together, as longer or shorter throats do.

    Args:
        logs: float [batch, bands, frames].
        most: Most relative change of the distance from the lowest band.
    """
    rows, num_bands, num_frames = logs.shape
    factor = 1 + most * (2 * keyed_uniform((rows, 1), logs.device) - 1)
    places = (torch.arange(num_bands, device=logs.device) * factor).clamp(max=num_bands - 1)
    left = places.floor().long()
    right = (left + 1).clamp(max=num_bands - 1)
    low, high = (
        logs.gather(1, place.unsqueeze(2).expand(-1, -1, num_frames)) for place in (left, right)
    )
    return torch.lerp(low, high, (places - left).unsqueeze(2).to(logs.dtype))
