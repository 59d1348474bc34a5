"""Attention roll-out: which words or patches a Transformer's answer is gathered from.

The attention of all heads of a layer is averaged, half of each place is what the shortcut hands on,
and the layers are multiplied. It says where the network looked, not what for: it knows no
sign and no class.

Source: Abnar and Zuidema 2020, "Quantifying attention flow in transformers", arXiv:2005.00928.
Differs: networks whose answer is the mean over places start from all places evenly.
"""

import math
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol, final, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.features import Patches, PlacedWords, Words
from lamina.explanation.question import Question


@runtime_checkable
class Attention(Protocol):
    """A layer that can tell how its places look at each other."""

    def shares(self, sequence: Tensor, valid: Tensor | None = None) -> Tensor:
        """Return how much each place gathers from each, [batch, heads, length, length].

        Args:
            sequence: What the layer is given.
            valid: Where there is something to look at.
        """


@runtime_checkable
class AttentionBetween(Protocol):
    """A layer whose places look at those of another sequence."""

    def shares_between(self, sequence: Tensor, key: Tensor, valid: Tensor) -> Tensor:
        """Return how much each place gathers from each of the other, [batch, heads, length, other].

        Args:
            sequence: What the layer is given.
            key: The keys of the other sequence.
            valid: Where there is something to look at.
        """


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class AttentionRollout(AbstractMethod):
    """Attention multiplied through the layers."""

    shortcut: float = 0.5
    """Share of a place that the shortcut hands on."""

    @override
    def suits(self, question: Question) -> tuple[str, ...]:
        names = [
            name
            for name, own in question.features.items()
            if isinstance(own, (Patches, Words))
            # Of words without a vector of their own, pieces look at each other, not words.
            or (isinstance(own, PlacedWords) and name in question.places)
        ]
        if len(names) != 1 or question.network is None or not _shares_of(question):
            return ()
        return tuple(names)

    @override
    def attribute(self, question: Question) -> Attributions:
        (name,) = question.features
        layers = _shares_of(question)
        places = layers[0].shape[-1]
        gathered = torch.full((1, places), 1.0 / places)
        for shares in reversed(layers):
            mixed = (1 - self.shortcut) * shares + self.shortcut * torch.eye(places)
            gathered = gathered @ (mixed / mixed.sum(dim=-1, keepdim=True))
        return Attributions({name: _to_features(question, name, gathered)}, {})


def _shares_of(question: Question) -> list[Tensor]:
    """Return the attention of each layer, averaged over heads, [length, length]; first to last."""
    assert question.network is not None, "`suits` asks for the network"
    found: list[Tensor] = []
    modules = list(question.network.modules())
    # Attention over parts of the places, or between two sequences, cannot be multiplied.
    if any(isinstance(module, AttentionBetween) for module in modules):
        return found

    def note(module: nn.Module, inputs: tuple[Any, ...], options: dict[str, Any]) -> None:
        with torch.no_grad():
            found.append(_shares(module, inputs, options)[0].mean(dim=0).float().cpu())

    with ExitStack() as stack, torch.no_grad():
        for module in modules:
            if isinstance(module, (Attention, nn.MultiheadAttention)):
                handle = module.register_forward_pre_hook(note, with_kwargs=True)
                stack.callback(handle.remove)
        question.function(question.inputs)
    return found if len({shares.shape for shares in found}) == 1 else []


def _shares(module: nn.Module, inputs: tuple[Any, ...], options: dict[str, Any]) -> Tensor:
    if isinstance(module, nn.MultiheadAttention):
        own = {**options, "need_weights": True, "average_attn_weights": False}
        named = dict(zip(("query", "key", "value", "key_padding_mask"), inputs))
        # Its `forward` alone: calling the module would call this hook again.
        shares = module.forward(**{**named, **own})[1]
        assert shares is not None, "the weights were asked for"
        return shares
    assert isinstance(module, Attention), "hooks stand on layers with attention only"
    return module.shares(*inputs, **options)


def _to_features(question: Question, name: str, gathered: Tensor) -> Tensor:
    """Return what was gathered from each feature, float [features]."""
    own, values = question.features[name], question.inputs[name]
    if isinstance(own, (Words, PlacedWords)):
        size = values.shape[1]
        each = F.pad(gathered[:, :size], (0, max(0, size - gathered.shape[1])))
        return own.pool(values.cpu(), each)
    assert isinstance(own, Patches), "`suits` names pictures and words only"
    rows, columns = _grid(gathered.shape[1], values.shape[-2], values.shape[-1])
    # A place more than the grid has stands for the whole picture and comes first.
    heat = gathered[:, gathered.shape[1] - rows * columns :].view(1, 1, rows, columns)
    whole = F.interpolate(heat, size=tuple(values.shape[-2:]), mode="bilinear", align_corners=False)
    return F.adaptive_avg_pool2d(whole, own.grid(values)).flatten()


def _grid(places: int, height: int, width: int) -> tuple[int, int]:
    """Return rows and columns of the places of a picture of this size."""
    for count in (places, places - 1):
        rows = max(1, round(math.sqrt(count * height / width)))
        if count % rows == 0:
            return rows, count // rows
    return 1, places
