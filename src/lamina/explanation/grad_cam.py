"""Grad-CAM: where the last convolutional layer sees what speaks for the answer.

The channels of a layer's output, weighted by the mean gradient of the answer over each channel.

Source: Selvaraju et al. 2017, "Grad-CAM", arXiv:1610.02391. Differs: what speaks against the answer
keeps its sign in place of being cut to 0.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.features import Patches
from lamina.explanation.question import Question, replaced_output


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class GradCAM(AbstractMethod):
    """Channels of a convolutional layer, weighted by their gradients."""

    layer: str | None = None
    """Name of a module that gives [batch, channels, height, width]; None takes the last one that
    has more than one place."""

    @override
    def suits(self, question: Question) -> tuple[str, ...]:
        pictures = [n for n, own in question.features.items() if isinstance(own, Patches)]
        # With two pictures it cannot be told which of them a layer has seen.
        if len(pictures) != 1 or question.network is None or not _maps_of(question):
            return ()
        return tuple(pictures)

    @override
    def attribute(self, question: Question) -> Attributions:
        (name,) = question.features
        own, picture = question.features[name], question.inputs[name]
        assert isinstance(own, Patches), "`suits` names pictures only"
        seen, gradient = self._seen(question)
        strengths = gradient.mean(dim=(2, 3), keepdim=True)
        heat = (strengths * seen).sum(dim=1, keepdim=True)
        patches = F.adaptive_avg_pool2d(_enlarged(heat, picture.shape[2:]), own.grid(picture))
        return Attributions({name: patches.flatten().cpu()}, {})

    def maps(self, question: Question) -> Tensor:
        """Return the weighted sum of the channels as the layer has it, [1, 1, height, width].

        Args:
            question: What is asked.
        """
        seen, gradient = self._seen(question)
        return (gradient.mean(dim=(2, 3), keepdim=True) * seen).sum(dim=1, keepdim=True)

    def _seen(self, question: Question) -> tuple[Tensor, Tensor]:
        """Return what the layer gives for the sample, and the gradient there."""
        layers = _maps_of(question)
        layer = self.layer or next(reversed(layers), None)
        if layer is None or layer not in layers:
            raise ConfigError(
                f"Grad-CAM needs a layer that gives [batch, channels, height, width], and "
                f"{layer!r} is none. There are: {', '.join(layers) or 'none'}."
            )
        assert question.network is not None, "`suits` asks for the network"
        kept: list[Tensor] = []

        def follow(output: Tensor) -> Tensor:
            kept.append(output.detach().requires_grad_())
            return kept[-1]

        module = question.network.get_submodule(layer)
        with torch.enable_grad(), replaced_output(module, follow):
            number = question.function(question.inputs).sum()
            # Of a layer that is used several times, the last use counts.
            (gradient,) = torch.autograd.grad(number, kept[-1:])
        return kept[-1].detach().float(), gradient.float()


def _maps_of(question: Question) -> list[str]:
    """Return the modules that give maps of a picture with more than one place, in their order."""
    assert question.network is not None, "`suits` asks for the network"
    found: dict[str, None] = {}
    with ExitStack() as stack, torch.no_grad():
        for name, module in question.network.named_modules():
            if not name or isinstance(module, nn.ModuleList):
                continue

            def note(_module: nn.Module, _inputs: object, output: object, own: str = name) -> None:
                if not isinstance(output, Tensor) or output.dim() != 4:
                    return
                if output.is_floating_point() and min(output.shape[2:]) > 1:
                    found.pop(own, None)
                    found[own] = None

            stack.callback(module.register_forward_hook(note).remove)
        question.function(question.inputs)
    return list(found)


def _enlarged(heat: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(heat, size=tuple(size), mode="bilinear", align_corners=False)
