"""How strong each band of pitches is over time: the logarithm of mel-scaled power.

A sound is cut into overlapping frames, each is weighted by a Hann window and taken apart into
frequencies, their power is summed by triangles that stand evenly on the mel scale, and the
logarithm is taken. All of it is two matrices, so it runs in batches on any device, is
differentiable, and goes into an exported graph.

Source: Davis and Mermelstein 1980, "Comparison of parametric representations for monosyllabic word
recognition" (triangles on a scale of pitch); O'Shaughnessy 1987 (mel = 2595 log10(1 + f / 700)).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.layers.precision import full_precision

_FLOOR = 1e-8


class LogMel(nn.Module):
    """Sounds [batch, samples] → (log-mel [batch, bands, frames], valid bool [batch, 1, frames]).

    Args:
        rate: Samples per second.
        num_bands: Triangles on the mel scale.
        window_s: Length of a frame in seconds.
        hop_s: Time from one frame to the next in seconds.

    Raises:
        ConfigError: Bands or times are too small for the rate.

    Source:
        Davis and Mermelstein 1980.
    """

    waves: Tensor
    triangles: Tensor

    def __init__(
        self, rate: int, *, num_bands: int = 40, window_s: float = 0.025, hop_s: float = 0.01
    ) -> None:
        super().__init__()
        window, self.hop = round(rate * window_s), round(rate * hop_s)
        if window < 4 or self.hop < 1 or num_bands < 1:
            raise ConfigError(
                f"window_s and hop_s must hold at least 4 samples and 1, and num_bands be at least "
                f"1, got {window_s!r}, {hop_s!r} and {num_bands!r} at {rate:,} samples per second."
            )
        size = 1 << math.ceil(math.log2(window))
        self.size = size
        self.register_buffer("waves", windowed_waves(window, size).unsqueeze(1), persistent=False)
        triangles = mel_triangles(rate, size, num_bands)
        self.register_buffer("triangles", triangles.unsqueeze(2), persistent=False)

    @override
    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        is_sound = ~torch.isnan(inputs)
        sound = torch.where(is_sound, inputs, 0.0).to(self.waves.dtype)
        # Small numbers lose their digits in bfloat16, and the logarithm shows it.
        with full_precision(inputs.device):
            padded = F.pad(sound.unsqueeze(1), (self.size // 2, self.size // 2))
            parts = F.conv1d(padded, self.waves, stride=self.hop)
            real, imaginary = parts.chunk(2, dim=1)
            power = F.conv1d(real.square() + imaginary.square(), self.triangles)
            # The same as log(power + floor): exporters take a number as small as the floor for 0.
            logs = torch.log1p(power / _FLOOR) + math.log(_FLOOR)
        # A frame counts where its middle is sound; the first one counts always.
        count = (is_sound.sum(dim=1, keepdim=True) + self.hop - 1) // self.hop
        frames = torch.arange(logs.shape[2], device=inputs.device)
        return logs, (frames < count.clamp_min(1)).unsqueeze(1)


def windowed_waves(window: int, size: int) -> Tensor:
    """Return cosines, then sines, under a Hann window in the middle, float32 [size + 2, size].

    Args:
        window: Samples of the window.
        size: Samples of a frame.
    """
    place = torch.arange(size, dtype=torch.float64)
    bins = torch.arange(size // 2 + 1, dtype=torch.float64)
    angles = 2.0 * math.pi * bins[:, None] * place / size
    hann = torch.hann_window(window, periodic=True, dtype=torch.float64)
    left = (size - window) // 2
    hann = F.pad(hann, (left, size - window - left))
    return (torch.cat([angles.cos(), -angles.sin()]) * hann).to(torch.float32)


def mel_triangles(rate: int, size: int, num_bands: int) -> Tensor:
    """Return the weight of each frequency in each band, float32 [bands, size / 2 + 1].

    The triangles begin at 0 and end at half the rate; neighbours cross at one half. Each peak is 1.

    Args:
        rate: Samples per second.
        size: Samples of a frame.
        num_bands: Bands.
    """
    most = _mel(rate / 2.0)
    edges = torch.tensor(
        [_hertz(most * step / (num_bands + 1)) for step in range(num_bands + 2)],
        dtype=torch.float64,
    )
    frequency = torch.arange(size // 2 + 1, dtype=torch.float64) * rate / size
    rising = (frequency - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequency) / (edges[2:] - edges[1:-1])[:, None]
    return torch.minimum(rising, falling).clamp_min(0.0).to(torch.float32)


def _mel(hertz: float) -> float:
    return 2595.0 * math.log10(1.0 + hertz / 700.0)


def _hertz(mel: float) -> float:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
