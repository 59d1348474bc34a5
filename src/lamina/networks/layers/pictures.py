"""Pictures as networks want them: floats with mean 0 and deviation 1 per channel.

Every image encoder begins with `PictureScale`, so pictures come as they are stored: uint8, or
floats on the same scale of 0 to 255 after an augmentation.
"""

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec


class PictureScale(nn.Module):
    """Pictures on the scale of 0 to 255, [batch, channels, height, width] → normalised floats.

    Args:
        spec: What the data says about the input: mean and deviation per channel; without them
            0.5 and 0.25 are taken.
    """

    factor: Tensor
    offset: Tensor

    def __init__(self, spec: InputSpec) -> None:
        super().__init__()
        channels = spec.shape[0]
        mean = torch.tensor(spec.mean or (0.5,) * channels)
        # A channel that never varies stays finite.
        deviation = torch.tensor(spec.deviation or (0.25,) * channels).clamp_min(1e-3)
        factor = (1.0 / (255.0 * deviation)).view(1, channels, 1, 1)
        offset = (-mean / deviation).view(1, channels, 1, 1)
        self.register_buffer("factor", factor, persistent=False)
        self.register_buffer("offset", offset, persistent=False)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return torch.addcmul(self.offset, inputs.to(self.factor.dtype), self.factor)


def check_side(spec: InputSpec, smallest: int) -> None:
    """Refuse pictures that are too small for a network.

    Args:
        spec: What the data says about the input.
        smallest: Shortest side the network takes, in pixels.

    Raises:
        ConfigError: A side is shorter.
    """
    if len(spec.shape) != 3 or min(spec.shape[1:]) < smallest:
        raise ConfigError(
            f"input {spec.name!r} has shape {spec.shape!r}; this network wants (channels, height, "
            f"width) with sides of at least {smallest} pixels. Choose a larger picture size."
        )
