"""What a network hears of a recording: log-mel bands on a scale of their own.

How loud a recording was does not count, and what is softer than its mean power by more than
`range_db` is silence: microphones and rooms differ most in their noise, by which a network would
know the voices that it was trained on, and fail with another. While training, bands are drawn apart
or together and coloured, as by other voices and rooms, and runs of them and of frames are hidden,
all at random (`layers/spec_augment.py`).

Source: Davis and Mermelstein 1980 (bands); a floor below the loudest as in the features of Radford
et al. 2022, "Robust speech recognition via large-scale weak supervision", arXiv:2212.04356 (80 dB).
Differs: the floor is smooth, lies below the mean power, and far higher.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.random import keyed_uniform
from lamina.networks.layers.dropout import check_rate
from lamina.networks.layers.log_mel import LogMel
from lamina.networks.layers.spec_augment import colour_bands, hide_runs, stretch_bands

_NATS_PER_DB = math.log(10) / 10
_RANGE_CHANGE = 0.2  # most relative change of the range while training


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundBandsConfig:
    """Settings of what a network hears of a recording."""

    num_bands: int = 40
    """Bands of pitch."""
    window_s: float = 0.025
    """Length of a frame in seconds."""
    hop_s: float = 0.01
    """Time from one frame to the next in seconds."""
    range_db: float = 0.0
    """Decibels below the mean power of a recording at which silence begins; 0 for no such floor."""
    stretch: float = 0.1
    """Most relative change of the distance between bands while training, in [0, 1)."""
    colour: float = 0.7
    """Deviation of a random curve over the bands while training, at least 0."""
    hidden_bands: float = 0.2
    """Longest run of bands hidden while training, as a share of all, in [0, 1); two are drawn."""
    hidden_frames: float = 0.2
    """Longest run of frames hidden while training, as a share of all, in [0, 1); two are drawn."""

    def check_bands(self) -> None:
        """Refuse settings out of range.

        Raises:
            ConfigError: One is.
        """
        for name in ("hidden_bands", "hidden_frames", "stretch"):
            check_rate(name, getattr(self, name))
        if self.colour < 0:
            raise ConfigError(f"colour must be at least 0, got {self.colour!r}. Use 0 for none.")
        if self.range_db < 0:
            raise ConfigError(
                f"range_db must be at least 0, got {self.range_db!r}. Try 15, or 0 for no floor."
            )


class SoundBands(nn.Module):
    """Sounds [batch, samples] → (levelled bands [batch, bands, frames], valid [batch, 1, frames]).

    Args:
        config: Its settings.
        rate: Samples per second.

    Source:
        See the file header.
    """

    def __init__(self, config: SoundBandsConfig, rate: int) -> None:
        super().__init__()
        self.config = config
        self.mel = LogMel(
            rate, num_bands=config.num_bands, window_s=config.window_s, hop_s=config.hop_s
        )

    @override
    def forward(self, sounds: Tensor) -> tuple[Tensor, Tensor]:
        logs, valid = self.mel(sounds)
        config = self.config
        if config.range_db:
            logs = floored(logs, valid, nats=self._range(logs))
        logs = levelled(logs, valid)
        if self.training:
            logs = stretch_bands(logs, most=config.stretch)
            logs = colour_bands(logs, valid, strength=config.colour)
            logs = hide_runs(logs, valid, bands=config.hidden_bands, frames=config.hidden_frames)
        return logs, valid

    def _range(self, logs: Tensor) -> Tensor:
        """Return the nats between loud and silent, [rows, 1, 1], others each time in training."""
        nats = self.config.range_db * _NATS_PER_DB
        if not self.training:
            return logs.new_full((1, 1, 1), nats)
        draws = 2 * keyed_uniform((logs.shape[0], 1, 1), logs.device) - 1
        return nats * (1 + _RANGE_CHANGE * draws)


def floored(logs: Tensor, valid: Tensor, *, nats: Tensor) -> Tensor:
    """Return log-mel bands above the silence of each recording, near 0 where they are softer.

    Args:
        logs: float [batch, bands, frames].
        valid: bool [batch, 1, frames].
        nats: How far below the mean power of the recording silence begins, float [batch or 1, 1,
            1].
    """
    # One sum over all would be taken number by number in exported graphs, and lose digits.
    power = torch.where(valid, logs.exp(), 0.0).mean(dim=1, keepdim=True)
    level = (power.sum(dim=2, keepdim=True) / valid.sum(dim=2, keepdim=True)).log()
    return torch.logaddexp(logs - level + nats, logs.new_zeros(()))


def levelled(logs: Tensor, valid: Tensor) -> Tensor:
    """Return log-mel bands with mean 0 and deviation 1 over each recording, 0 behind its end.

    Args:
        logs: float [batch, bands, frames].
        valid: bool [batch, 1, frames].
    """
    share = valid.to(logs.dtype)
    share = share / (share.sum(dim=2, keepdim=True) * logs.shape[1])
    mean = (logs * share).sum(dim=(1, 2), keepdim=True)
    spread = ((logs - mean).square() * share).sum(dim=(1, 2), keepdim=True)
    return torch.where(valid, (logs - mean) * (spread + 1e-5).rsqrt(), 0.0)
