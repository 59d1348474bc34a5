"""Mixing two samples into one: mixup and CutMix, with soft targets.

Unlike `augmentation.py` this looks at other samples of the batch, so it is called on the full
batch, before that is split into micro-batches. The partner of a sample depends on which samples are
in the batch, not on their order.

Source: mixup, Zhang et al. 2018, https://arxiv.org/abs/1710.09412; CutMix, Yun et al. 2019,
https://arxiv.org/abs/1905.04899. Differs: each sample has its own share, by a hash of its number.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from lamina.core.errors import ConfigError
from lamina.core.random import sample_uniform
from lamina.core.records import Batch
from lamina.data.augmentation import AugmentationConfig, is_image

_ATTEMPTS = 16


def mix(
    batch: Batch,
    config: AugmentationConfig,
    *,
    num_classes: Mapping[str, int],
    seed: int,
    epoch: int,
) -> Batch:
    """Return a batch each of whose pictures is mixed with another one of the batch.

    Args:
        batch: The full batch.
        config: `mixup` and `cutmix` say how strongly; with both, each sample gets one of them.
        num_classes: By name of the target: classes, of those that are classes.
        seed: The seed of the run.
        epoch: The epoch, from 0.

    Returns:
        The batch with class targets turned to float32 [batch, classes] shares.

    Raises:
        ConfigError: The batch has inputs other than pictures, which cannot be mixed.
    """
    if not config.mixup and not config.cutmix:
        return batch
    foreign = [name for name, values in batch.inputs.items() if not is_image(values)]
    if foreign:
        raise ConfigError(
            f"mixup and cutmix need inputs that are all pictures, got {', '.join(foreign)} too. "
            "Set mixup and cutmix to 0."
        )
    partner = _partners(batch.index, seed=seed, epoch=epoch)
    coin = sample_uniform(seed, "mix", epoch, batch.index, 1)[:, 0]
    odds = 0.5 if config.mixup and config.cutmix else float(bool(config.cutmix))
    is_cut = coin < odds
    keep = _shares(config.mixup or 1.0, batch.index, "mixup", seed=seed, epoch=epoch)
    area = _shares(config.cutmix or 1.0, batch.index, "cutmix", seed=seed, epoch=epoch)
    place = sample_uniform(seed, "cutmix place", epoch, batch.index, 2)
    inputs, share = {}, torch.where(is_cut, 1.0, keep)
    for name, images in batch.inputs.items():
        box, kept = _boxes(images.shape[2], images.shape[3], area, place)
        blended = _blend(images, images[partner], keep)
        pasted = torch.where(box, images[partner], images)
        inputs[name] = torch.where(is_cut[:, None, None, None], pasted, blended)
        share = torch.where(is_cut, kept, share)
    targets = {
        name: _mixed(values, partner, share, num_classes.get(name))
        for name, values in batch.targets.items()
    }
    return Batch(inputs, targets, batch.index)


def _partners(index: Tensor, *, seed: int, epoch: int) -> Tensor:
    """Return the place of each sample's partner, the next in an order drawn from the numbers."""
    keys = sample_uniform(seed, "partner", epoch, index, 2).to(torch.float64)
    order = torch.argsort(index, stable=True)
    order = order[torch.argsort((keys[:, 0] + keys[:, 1] / (1 << 24))[order], stable=True)]
    partner = torch.empty_like(order)
    partner[order] = order.roll(-1)
    return partner


def _shares(strength: float, index: Tensor, purpose: str, *, seed: int, epoch: int) -> Tensor:
    """Return draws of Beta(strength, strength), float32 [batch], by Jöhnk's method (1964).

    It draws until a pair is accepted; here a fixed number of pairs is drawn, and 1/2 stands for the
    one sample in 65,000 or fewer for which none is.
    """
    draws = sample_uniform(seed, purpose, epoch, index, 2 * _ATTEMPTS).clamp(min=1e-7)
    powers = draws.to(torch.float64).pow(1 / strength).view(-1, _ATTEMPTS, 2)
    total = powers.sum(2)
    is_good = (total <= 1) & (total > 0)
    first = is_good.to(torch.int8).argmax(1, keepdim=True)
    share = (powers[..., 0] / total).gather(1, first).squeeze(1)
    return torch.where(is_good.any(1), share, 0.5).to(torch.float32)


def _boxes(height: int, width: int, keep: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
    """Return where another picture is pasted, bool [batch, 1, height, width], and what is kept."""
    side = (1 - keep).sqrt()
    bounds = []
    for size, at in ((height, place[:, 0]), (width, place[:, 1])):
        centre, half = (at * size).floor(), (side * size / 2).floor()
        low, high = (centre - half).clamp(min=0), (centre + half).clamp(max=size)
        step = torch.arange(size, device=keep.device)
        bounds.append((step >= low[:, None]) & (step < high[:, None]))
    box = bounds[0][:, None, :, None] & bounds[1][:, None, None, :]
    pasted = bounds[0].sum(1) * bounds[1].sum(1)
    return box, 1 - pasted.to(torch.float32) / (height * width)


def _blend(images: Tensor, others: Tensor, keep: Tensor) -> Tensor:
    share = keep[:, None, None, None]
    values = images.to(torch.float32) * share + others.to(torch.float32) * (1 - share)
    if images.dtype == torch.uint8:
        return values.round_().clamp_(0, 255).to(torch.uint8)
    return values.to(images.dtype)


def _mixed(values: Tensor, partner: Tensor, share: Tensor, num_classes: int | None) -> Tensor:
    if values.dtype == torch.int64:
        if num_classes is None:
            raise ConfigError("a class target needs its number of classes to be mixed.")
        values = torch.nn.functional.one_hot(values, num_classes).to(torch.float32)
    share = share.view(-1, *[1] * (values.ndim - 1))
    return values * share + values[partner] * (1 - share)
