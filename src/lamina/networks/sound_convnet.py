"""A small convolutional network that hears: log-mel bands, then convolutions over pitch and time.

Mean and largest value over time of the last maps, for each of the few bands that are left, are the
features, so that recordings of any length have equally many.

Source: Hershey et al. 2017, "CNN architectures for large-scale audio classification",
arXiv:1609.09430. Differs: what is heard is changed while training (`layers/sound_bands.py`).
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.sound_bands import SoundBands, SoundBandsConfig
from lamina.networks.layers.sound_maps import SoundGroups
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundConvNetConfig(SoundBandsConfig, AbstractEncoderConfig):
    """Settings of the convolutional network for sound."""

    kinds: ClassVar[tuple[str, ...]] = ("sound",)

    widths: tuple[int, ...] = (32, 64, 128)
    """Channels of each group of two convolutions; each group halves both sides first."""
    activation: str = "silu"
    """Name in the table of activations."""
    dropout: float = 0.2
    """Share of the features dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        self.check_bands()
        check_rate("dropout", self.dropout)
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
        self.bands = SoundBands(config, spec.rate)
        widths = config.widths
        self.groups = SoundGroups(
            widths, config.activation, num_bands=config.num_bands, halvings=len(widths)
        )
        self.dropout = Dropout(config.dropout)
        self.out_features = 2 * self.groups.out_features

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return tuple(self.groups)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        over_time, valid = self.groups(*self.bands(inputs))
        share = valid.to(over_time.dtype)
        mean = (over_time * share).sum(dim=2) / share.sum(dim=2)
        lowest = torch.finfo(over_time.dtype).min
        highest = over_time.masked_fill(~valid, lowest).amax(dim=2)
        features: Tensor = self.dropout(torch.cat([mean, highest], dim=1))
        return features
