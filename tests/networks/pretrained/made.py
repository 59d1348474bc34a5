"""Tiny published networks with random weights, and ours with theirs."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lamina.core.records import InputSpec
from lamina.networks.parts import AbstractEncoder
from lamina.networks.pretrained.load import load_pretrained, pretrained_encoder

WORDS = 40
SIDE = 64


def save(model: Any, folder: Path) -> Path:
    """Randomise every tensor of a model of transformers, and save it."""
    source = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if tensor.is_floating_point():
                noise = torch.randn(tensor.shape, generator=source)
                # A variance stays positive.
                tensor.copy_(1 + noise.abs() if "var" in name else 0.3 * noise)
    model.eval().save_pretrained(folder)
    return folder


def text_spec() -> InputSpec:
    return InputSpec("t", "text", ("t",), (), vocabulary_size=2 + WORDS)


def image_spec(side: int = SIDE) -> InputSpec:
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    return InputSpec("p", "image", ("p",), (3, side, side), mean=mean, deviation=deviation)


def ours(folder: Path, spec: InputSpec) -> AbstractEncoder:
    encoder = pretrained_encoder(folder).build(spec)
    load_pretrained(encoder, folder, unknown=3)
    return encoder.eval()


def texts(first: int = 0) -> tuple[Tensor, Tensor]:
    """Return their ids and mask, rows padded on the right; ours are ids + 2, 0 where masked."""
    source = torch.Generator().manual_seed(2)
    ids = torch.randint(first, WORDS, (4, 9), generator=source)
    return ids, (torch.arange(9) < torch.tensor([9, 5, 1, 7])[:, None]).long()


def pictures(side: int = SIDE) -> tuple[Tensor, Tensor]:
    """Return pictures as uint8, and as their networks want them."""
    source = torch.Generator().manual_seed(3)
    whole = torch.randint(0, 256, (2, 3, side, side), generator=source, dtype=torch.uint8)
    spec = image_spec(side)
    mean, deviation = (torch.tensor(v).view(1, 3, 1, 1) for v in (spec.mean, spec.deviation))
    return whole, (whole / 255 - mean) / deviation


@torch.no_grad()
def text_difference(model: Any, folder: Path, *, first: int = 0) -> float:
    """Return how far our features of the tokens are from theirs."""
    encoder = ours(save(model, folder), text_spec())
    ids, mask = texts(first)
    wanted = model(input_ids=ids, attention_mask=mask).last_hidden_state
    got = encoder.states(torch.where(mask.bool(), ids + 2, 0))
    assert wanted[mask.bool()].std() > 0.1
    return float((got - wanted)[mask.bool()].abs().max())


@torch.no_grad()
def picture_difference(model: Any, folder: Path, features: Any) -> float:
    """Return how far our features of pictures are from theirs."""
    encoder = ours(save(model, folder), image_spec())
    raw, scaled = pictures()
    wanted = features(model(scaled))
    assert wanted.std() > 0.1
    return float((encoder(raw) - wanted).abs().max())
