"""Series as convolutions want them: channels first, zeros behind the end, and where the end is.

Every series encoder begins with `Steps`. A batch of series is padded with NaN, so that its own
tensor says where each one ends, and no mask has to be handed along.

Source: Ismail Fawaz et al. 2019, "Deep learning for time series classification: a review",
arXiv:1809.04356 (each series on its own scale). Differs: any lengths in one batch.
"""

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError

SCALES = ("none", "each")
"""What may be done to each series on its own: nothing, or every channel to mean 0, deviation 1."""

_LEAST_SPREAD = 1e-8


def check_scale(scale: str) -> None:
    """Refuse a scale that is not one of `SCALES`.

    Args:
        scale: What was asked for.

    Raises:
        ConfigError: It is not.
    """
    if scale not in SCALES:
        raise ConfigError(f'scale must be "none" or "each", got {scale!r}.')


class Steps(nn.Module):
    """Series [batch, steps, channels] → ([batch, channels, steps], valid bool [batch, 1, steps]).

    Args:
        scale: One of `SCALES`.
    """

    def __init__(self, scale: str = "none") -> None:
        super().__init__()
        self.is_levelled = scale == "each"

    @override
    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        valid = ends_of(inputs)
        values = torch.where(valid, inputs.transpose(1, 2), 0.0)
        if self.is_levelled:
            share = valid.to(values.dtype)
            share = share / share.sum(dim=2, keepdim=True)
            mean = (values * share).sum(dim=2, keepdim=True)
            spread = ((values - mean).square() * share).sum(dim=2, keepdim=True)
            # A level channel stays level: its deviation is rounding.
            is_moving = valid & (spread > _LEAST_SPREAD)
            scale = spread.clamp_min(_LEAST_SPREAD).rsqrt()
            values = torch.where(is_moving, (values - mean) * scale, 0.0)
        return values, valid


def ends_of(inputs: Tensor) -> Tensor:
    """Return where series have steps, bool [batch, 1, steps]; the first step counts always.

    Args:
        inputs: float [batch, steps, channels], NaN behind the end.
    """
    first = torch.arange(inputs.shape[1], device=inputs.device) == 0
    return (~torch.isnan(inputs[:, :, 0]) | first).unsqueeze(1)


def mean_over_steps(sequence: Tensor, valid: Tensor) -> Tensor:
    """Return the mean over the steps of each series, [batch, features].

    Args:
        sequence: float [batch, features, steps].
        valid: bool [batch, 1, steps].
    """
    shares = valid.to(sequence.dtype)
    total: Tensor = (sequence * shares).sum(dim=2) / shares.sum(dim=2)
    return total
