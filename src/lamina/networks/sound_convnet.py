"""A small convolutional network that hears: log-mel bands, then convolutions over pitch and time.

Each recording is levelled on its own, so that how loud it was does not count. While training, bands
are drawn apart or together and coloured, as by other voices and rooms, and runs of them and of
frames are hidden, all at random. Mean and largest value over time of the last maps, for each of the
few bands that are left, are the features, so that recordings of any length have equally many.

Source: Hershey et al. 2017, "CNN architectures for large-scale audio classification",
arXiv:1609.09430. Differs: changed while training (`layers/spec_augment.py`).
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.layers.activations import activation
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.log_mel import LogMel
from lamina.networks.layers.spec_augment import colour_bands, hide_runs, stretch_bands
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundConvNetConfig(AbstractEncoderConfig):
    """Settings of the convolutional network for sound."""

    kinds: ClassVar[tuple[str, ...]] = ("sound",)

    num_bands: int = 40
    """Bands of pitch."""
    window_s: float = 0.025
    """Length of a frame in seconds."""
    hop_s: float = 0.01
    """Time from one frame to the next in seconds."""
    widths: tuple[int, ...] = (32, 64, 128)
    """Channels of each group of two convolutions; each group halves both sides first."""
    activation: str = "silu"
    """Name in the table of activations."""
    stretch: float = 0.1
    """Most relative change of the distance between bands while training, in [0, 1)."""
    colour: float = 0.7
    """Deviation of a random curve over the bands while training, at least 0."""
    hidden_bands: float = 0.2
    """Longest run of bands hidden while training, as a share of all, in [0, 1); two are drawn."""
    hidden_frames: float = 0.2
    """Longest run of frames hidden while training, as a share of all, in [0, 1); two are drawn."""
    dropout: float = 0.2
    """Share of the features dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        for name in ("hidden_bands", "hidden_frames", "stretch", "dropout"):
            check_rate(name, getattr(self, name))
        if self.colour < 0:
            raise ConfigError(f"colour must be at least 0, got {self.colour!r}. Use 0 for none.")
        if not self.widths or min(self.widths) < 1:
            raise ConfigError(f"widths must name at least one group, got {self.widths!r}.")

    @override
    def build(self, spec: InputSpec) -> "SoundConvNet":
        return SoundConvNet(self, spec)


@final
class SoundConvNet(AbstractEncoder):
    """Convolutions over log-mel bands, float [batch, samples] → [batch, 2 * width * bands left].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1609.09430. Differs: see the head of the file.
    """

    def __init__(self, config: SoundConvNetConfig, spec: InputSpec) -> None:
        super().__init__()
        self.config = config
        self.mel = LogMel(
            spec.rate, num_bands=config.num_bands, window_s=config.window_s, hop_s=config.hop_s
        )
        before, num_bands, groups = 1, config.num_bands, []
        for place, width in enumerate(config.widths):
            groups.append(_Group(before, width, config.activation, is_first=place == 0))
            before, num_bands = width, -(-num_bands // 2)
        self.groups = nn.ModuleList(groups)
        self.dropout = Dropout(config.dropout)
        self.out_features = 2 * before * num_bands

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return tuple(self.groups)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        logs, valid = self.mel(inputs)
        logs = levelled(logs, valid)
        if self.training:
            hides = self.config.hidden_bands, self.config.hidden_frames
            logs = stretch_bands(logs, most=self.config.stretch)
            logs = colour_bands(logs, valid, strength=self.config.colour)
            logs = hide_runs(logs, valid, bands=hides[0], frames=hides[1])
        maps = logs.unsqueeze(1)
        mask = valid.unsqueeze(1)
        for group in self.groups:
            before, mask = mask, F.max_pool2d(mask.to(maps.dtype), (1, 2), ceil_mode=True) > 0
            maps = group(maps, before, mask)
        # A pitch keeps its place: what is high for one voice is another sound for all.
        over_time, valid = maps.flatten(1, 2), mask[:, 0]
        share = valid.to(over_time.dtype)
        mean = (over_time * share).sum(dim=2) / share.sum(dim=2)
        lowest = torch.finfo(over_time.dtype).min
        highest = over_time.masked_fill(~valid, lowest).amax(dim=2)
        features: Tensor = self.dropout(torch.cat([mean, highest], dim=1))
        return features


class _Group(nn.Module):
    """Two convolutions at half the resolution of what comes in.

    The first group steps over every other place; the others take the larger of two.
    """

    def __init__(self, width_in: int, width: int, kind: str, *, is_first: bool) -> None:
        super().__init__()
        self.is_first = is_first
        stride = 2 if is_first else 1
        self.first = nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        self.activation = activation(kind)

    @override
    def forward(self, maps: Tensor, before: Tensor, mask: Tensor) -> Tensor:
        if not self.is_first:
            # A last place that is below 0 must not lose against the zero behind it.
            least = torch.finfo(maps.dtype).min
            maps = F.max_pool2d(maps.masked_fill(~before, least), 2, ceil_mode=True)
            maps = torch.where(mask, maps, 0.0)
        # Behind the end of a recording stay zeros, so that padding changes nothing.
        maps = self.activation(self.first_norm(self.first(maps))) * mask
        return self.activation(self.second_norm(self.second(maps))) * mask


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
