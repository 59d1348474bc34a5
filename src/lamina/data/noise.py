"""Noise that is added to sounds and series."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

_TAPS = 16


def noise_for(signals: Tensor, draws: Tensor, strength: Tensor, dullness: Tensor) -> Tensor:
    """Return normal noise for each signal, as strong as is said beside the signal's own deviation.

    Each sample of dull noise holds on to a share of the one before, and so on for sixteen samples:
    low pitches are louder in it than high ones.

    Args:
        signals: Sounds, float [batch, samples], or series, float [batch, steps, channels]; NaN
            behind the end of each.
        draws: Uniform numbers in [0, 1) of the same shape.
        strength: float [batch], deviation of the noise in units of the signal's.
        dullness: float [batch], share that is held on to, in [0, 1); 0 for white noise.

    Source:
        Ko et al. 2017, "A study on data augmentation of reverberant speech for robust speech
        recognition" (noise of random strength). Differs: made, not recorded.
    """
    rows = signals if signals.ndim == 3 else signals.unsqueeze(2)
    real = ~rows[:, :, :1].isnan()
    count = real.sum(dim=1, keepdim=True).clamp_min(1)
    values = torch.where(real, rows, 0.0)
    mean = values.sum(dim=1, keepdim=True) / count
    spread = torch.where(real, (values - mean).square(), 0.0).sum(dim=1, keepdim=True) / count
    noise = math.sqrt(2) * torch.erfinv(2 * draws.view(rows.shape).clamp(1e-6, 1 - 1e-6) - 1)
    if bool((dullness > 0).any()):
        noise = _dulled(noise, dullness)
    noise = noise * spread.sqrt() * strength[:, None, None]
    return noise.view(signals.shape)


def _dulled(noise: Tensor, dullness: Tensor) -> Tensor:
    """Return noise [batch, steps, channels] of deviation 1 whose samples hold on to the last."""
    batch, steps, channels = noise.shape
    taps = dullness[:, None] ** torch.arange(_TAPS - 1, -1, -1, device=noise.device)
    taps = taps / taps.square().sum(dim=1, keepdim=True).sqrt()
    lines = noise.transpose(1, 2).reshape(1, batch * channels, steps)
    filters = taps.repeat_interleave(channels, dim=0).unsqueeze(1)
    found = F.conv1d(F.pad(lines, (_TAPS - 1, 0)), filters, groups=batch * channels)
    return found.view(batch, channels, steps).transpose(1, 2)
