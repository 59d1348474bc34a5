"""The layers of any network, and what each of them makes of samples.

A layer is a block of a stack of like blocks, or else a module with weights of its own. What it
gives is averaged over places (of a picture, of a text, over members), so that each sample has one
vector.

Source: Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes",
arXiv:1610.01644.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack

import torch
from torch import Tensor, nn

_NORMALISERS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)

MOST_LAYERS = 12
"""Layers looked at; of more, some are left out evenly, never the first and the last."""


def layers_of(network: nn.Module, *, most: int = MOST_LAYERS) -> tuple[str, ...]:
    """Return the names of the layers, in the order in which they stand in the network.

    Args:
        network: Any network.
        most: Layers wanted.
    """
    names = [name for name in _layers(network, "") if name]
    if len(names) <= most:
        return tuple(names)
    places = torch.linspace(0, len(names) - 1, most).round().long().tolist()
    return tuple(names[place] for place in dict.fromkeys(places))


def representations(
    network: nn.Module,
    batches: Iterable[Mapping[str, Tensor]],
    *,
    layers: tuple[str, ...],
    forward: Callable[[nn.Module, Mapping[str, Tensor]], object] | None = None,
) -> dict[str, Tensor]:
    """Return what each layer makes of samples, float [samples, features] by layer.

    Layers that are not used, or give no vectors of floats per sample, are left out; they are in the
    order of their use.

    Args:
        network: In evaluation mode.
        batches: Inputs by name, some samples at a time.
        layers: Names of the layers.
        forward: How the network is called; None calls it with the inputs.
    """
    parts: dict[str, list[Tensor]] = {}
    with ExitStack() as stack, torch.no_grad():
        size = 0
        for name in layers:

            def keep(_module: nn.Module, _inputs: object, output: object, own: str = name) -> None:
                vectors = _vectors(output, size)
                if vectors is not None:
                    parts.setdefault(own, []).append(vectors)

            stack.callback(network.get_submodule(name).register_forward_hook(keep).remove)
        total = 0
        for inputs in batches:
            size = len(next(iter(inputs.values())))
            total += size
            network(inputs) if forward is None else forward(network, inputs)
    # A layer that is used twice in one pass has seen each sample twice, of two lengths perhaps.
    once = {name: own for name, own in parts.items() if sum(map(len, own)) == total}
    found = {name: torch.cat(own) for name, own in once.items()}
    return {name: own for name, own in found.items() if own.shape[1] > 0}


def _layers(module: nn.Module, name: str) -> list[str]:
    if isinstance(module, _NORMALISERS):  # says what the layer before it says
        return []
    children = list(module.named_children())
    is_stack = isinstance(module, (nn.ModuleList, nn.Sequential)) and len(children) > 1
    if (
        is_stack
        and len({type(child) for _, child in children}) == 1
        and any(list(child.children()) for _, child in children)
    ):
        return [_join(name, own) for own, _ in children]
    if any(True for _ in module.parameters(recurse=False)):
        return [name]
    return [found for own, child in children for found in _layers(child, _join(name, own))]


def _join(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer else inner


def _vectors(output: object, size: int) -> Tensor | None:
    """Return float [samples, features] of what a layer gave; None where it is no such thing."""
    if not isinstance(output, Tensor) or not output.is_floating_point():
        return None
    if output.dim() < 2 or len(output) != size:
        return None
    if output.dim() == 3:
        output = output.mean(dim=1)
    elif output.dim() > 3:
        output = output.flatten(2).mean(dim=2)
    return output.detach().float().cpu()
