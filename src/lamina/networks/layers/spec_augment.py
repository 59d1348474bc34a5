"""Hiding runs of bands and frames of a sound while training.

Source: Park et al. 2019, "SpecAugment", arXiv:1904.08779. Differs: two runs of each kind; what is
hidden becomes 0, the mean of a levelled sound; no warping of time; draws are keyed (`core.random`).
"""

import torch
from torch import Tensor

from lamina.core.random import keyed_uniform


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
