"""Feature visualisation: pictures that move a channel of a convolutional layer most.

Gradient ascent on the picture itself. Without help this finds noise that nobody can read; so the
picture is shifted by a few pixels in each step, its gradient is smoothed, less as it goes on,
and its colours are pulled to the mean of the training pictures.

Source: Olah, Mordvintsev and Schubert 2017, "Feature visualization", Distill; Mahendran and Vedaldi
2016, arXiv:1512.02017. Differs: smoothed gradients in place of a Fourier basis.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lamina.core.random import derive, generator
from lamina.explanation.question import replaced_output


@dataclass(frozen=True, kw_only=True, slots=True)
class VisualisationConfig:
    """How pictures are made."""

    num_steps: int = 60
    """Steps of gradient ascent."""
    rate: float = 12.0
    """Change of a pixel in a step, on the scale of 0 to 255."""
    shift: int = 3
    """Most pixels that the picture is shifted by in a step."""
    pull: float = 0.02
    """Share of the way back to the mean colour in each step."""
    seed: int = 0
    """Decides the first noise and the shifts."""


def visualise(
    encoder: nn.Module,
    layer: str,
    channels: tuple[int, ...],
    *,
    shape: tuple[int, int, int],
    mean: Tensor,
    config: VisualisationConfig | None = None,
) -> Tensor:
    """Return one picture per channel, float [channels, colours, height, width] of 0 to 255.

    Args:
        encoder: Takes pictures on the scale of 0 to 255; in evaluation mode.
        layer: Name of a module of it that gives [batch, channels, height, width].
        channels: Which of its channels.
        shape: Colours, height and width of a picture.
        mean: Mean of each colour, on the scale of 0 to 255.
        config: How pictures are made.
    """
    own = config or VisualisationConfig()
    noise = generator(own.seed, "visualisation", *shape)
    grey = mean.view(1, -1, 1, 1)
    pictures = grey + 8.0 * torch.randn(len(channels), *shape, generator=noise)
    pictures = pictures.to(next(encoder.parameters()).device)
    grey = grey.to(pictures.device)
    for step in range(own.num_steps):
        gradient = _gradient(encoder, layer, channels, _shifted(pictures, step, own))
        gradient = _shifted(gradient, step, own, back=True)
        gradient = _smooth(gradient, 1.5 * (1 - step / own.num_steps) + 0.4)
        size = gradient.flatten(1).std(dim=1).view(-1, 1, 1, 1).clamp_min(1e-12)
        pictures = pictures + own.rate * gradient / size
        pictures = (pictures + own.pull * (grey - pictures)).clamp(0, 255)
    return pictures.detach()


def _gradient(
    encoder: nn.Module, layer: str, channels: tuple[int, ...], pictures: Tensor
) -> Tensor:
    """Return how each pixel moves the mean of its channel."""
    kept: list[Tensor] = []

    def keep(output: Tensor) -> Tensor:
        kept.append(output)
        return output

    leaf = pictures.detach().requires_grad_()
    with torch.enable_grad(), replaced_output(encoder.get_submodule(layer), keep):
        encoder(leaf)
        chosen = kept[0][torch.arange(len(channels)), list(channels)]
        return torch.autograd.grad(chosen.mean(dim=(1, 2)).sum(), leaf)[0]


def _shifted(
    pictures: Tensor, step: int, config: VisualisationConfig, *, back: bool = False
) -> Tensor:
    drawn = derive(config.seed, "shift", step)
    span = 2 * config.shift + 1
    down, right = drawn % span - config.shift, drawn // span % span - config.shift
    sign = -1 if back else 1
    return pictures.roll((sign * down, sign * right), dims=(2, 3))


def _smooth(values: Tensor, deviation: float) -> Tensor:
    """Return pictures blurred by a Gaussian."""
    reach = max(1, round(2 * deviation))
    places = torch.arange(-reach, reach + 1, dtype=values.dtype, device=values.device)
    weights = torch.exp(-0.5 * (places / deviation) ** 2)
    weights = weights / weights.sum()
    flat = values.flatten(0, 1).unsqueeze(1)
    flat = F.conv2d(flat, weights.view(1, 1, -1, 1), padding=(reach, 0))
    flat = F.conv2d(flat, weights.view(1, 1, 1, -1), padding=(0, reach))
    return flat.view_as(values)
