"""Random numbers as pure functions of (seed, purpose, epoch, sample).

No generator state decides what a sample sees, so neither a restart nor the number of workers or
processes changes a run. Three forms:

* `generator` and `permutation`: a fresh generator whose seed is derived from its arguments;
* `sample_uniform`: numbers that depend on the sample's own index, for augmentation;
* `draws` with `keyed_uniform`: masks inside a network. The numbers of a whole batch are drawn from
  (seed, step, order of the call), and a process or micro-batch takes its own rows of them, so
  64 = 16 × 4 = 2 × 32 draw the same dropout masks.

Source: counter-based random numbers, Salmon et al. 2011, "Parallel random numbers: as easy as
1, 2, 3". Differs: a 32-bit integer mixer (Wellons 2018, "lowbias32") in place of Philox, because it
is a handful of tensor operations on any device.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lamina.runtime.sampling import derive as derive


def generator(
    seed: int, purpose: str, *numbers: int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return a fresh generator for one purpose.

    Args:
        seed: The seed of the run.
        purpose: What the numbers are for.
        *numbers: Epoch, step and the like.
        device: Where the generator lives.
    """
    return torch.Generator(device=device).manual_seed(derive(seed, purpose, *numbers))


def permutation(seed: int, purpose: str, epoch: int, num_samples: int) -> Tensor:
    """Return the order of the samples in one epoch, int64 of shape [num_samples].

    Args:
        seed: The seed of the run.
        purpose: What the order is for.
        epoch: The epoch, from 0.
        num_samples: How many samples there are.
    """
    return torch.randperm(num_samples, generator=generator(seed, purpose, epoch))


def sample_uniform(seed: int, purpose: str, epoch: int, index: Tensor, num_draws: int) -> Tensor:
    """Return uniform numbers in [0, 1) that depend on each sample's own index.

    Args:
        seed: The seed of the run.
        purpose: What the numbers are for.
        epoch: The epoch, from 0.
        index: Row numbers of the samples, int64 [batch].
        num_draws: Numbers per sample.

    Returns:
        float32 [batch, num_draws] on the device of `index`.
    """
    base = derive(seed, purpose, epoch)
    low, high = base & 0xFFFFFFFF, (base >> 32) & 0xFFFFFFFF
    draw = torch.arange(num_draws, device=index.device, dtype=torch.int64)
    state = _mix32((index.to(torch.int64)[:, None] & 0xFFFFFFFF) ^ low)
    state = _mix32((state + (index.to(torch.int64)[:, None] >> 32) + high) & 0xFFFFFFFF)
    state = _mix32((state + draw[None, :] * 0x9E3779B9) & 0xFFFFFFFF)
    return (state >> 8).to(torch.float32) * (1.0 / (1 << 24))


def _mix32(value: Tensor) -> Tensor:
    """Return a 32-bit avalanche of an int64 tensor that holds 32-bit numbers."""
    value = value ^ (value >> 16)
    value = (value * 0x7FEB352D) & 0xFFFFFFFF
    value = value ^ (value >> 15)
    value = (value * 0x846CA68B) & 0xFFFFFFFF
    return value ^ (value >> 16)


@dataclass(slots=True)
class Draws:
    """Where the masks of one forward pass come from."""

    seed: int
    """Seed of the run."""
    step: int
    """Optimizer step."""
    start: int
    """First row of the full batch that this pass holds."""
    batch_size: int
    """Rows of the full batch."""
    calls: int = field(default=0)
    """Masks drawn so far in this pass."""


_ACTIVE: list[Draws] = []


@contextmanager
def draws(seed: int, step: int, *, start: int, batch_size: int) -> Iterator[None]:
    """Key every mask drawn inside by (seed, step, order of the call, row of the full batch).

    Args:
        seed: The seed of the run.
        step: The optimizer step.
        start: First row of the full batch that this pass holds.
        batch_size: Rows of the full batch, over all micro-batches and processes.
    """
    _ACTIVE.append(Draws(seed, step, start, batch_size))
    try:
        yield
    finally:
        _ACTIVE.pop()


@contextmanager
def folded(count: int) -> Iterator[None]:
    """Key masks inside where each sample fills several rows of a tensor, one after the other.

    Args:
        count: Rows of the tensor per sample, such as the series of a window.
    """
    if not _ACTIVE:
        yield
        return
    active = _ACTIVE[-1]
    start, batch_size = active.start, active.batch_size
    active.start, active.batch_size = start * count, batch_size * count
    try:
        yield
    finally:
        active.start, active.batch_size = start, batch_size


def keyed_uniform(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Return uniform numbers in [0, 1) of `shape`, whose first dimension counts samples.

    Inside `draws` they depend only on the step, the order of the call and the row; outside they
    come from PyTorch's own generator, so that a network works alone.

    Args:
        shape: Shape wanted, [rows, ...].
        device: Device wanted.
    """
    if not _ACTIVE:
        return torch.rand(shape, device=device)
    active = _ACTIVE[-1]
    source = generator(active.seed, "mask", active.step, active.calls, device=device)
    active.calls += 1
    rows = shape[0]
    if active.start == 0 and active.batch_size == rows:
        return torch.rand(shape, generator=source, device=device)
    whole = torch.rand((active.batch_size, *shape[1:]), generator=source, device=device)
    return whole[active.start : active.start + rows]


def keyed_mask(shape: tuple[int, ...], rate: float, device: torch.device) -> Tensor:
    """Return a mask of `shape` that is false for a share of its places, keyed as `keyed_uniform`.

    Four places share one draw of 64 bits, which is three times as quick as a number for each.

    Args:
        shape: Shape wanted, [rows, ...].
        rate: Share of false places in [0, 1), kept to within 1 / 65536.
        device: Device wanted.
    """
    threshold = min(round(rate * 65536) - 32768, 32767)
    if not _ACTIVE:
        return _bits16(shape, device, None) >= threshold
    active = _ACTIVE[-1]
    source = generator(active.seed, "mask", active.step, active.calls, device=device)
    active.calls += 1
    whole = _bits16((active.batch_size, *shape[1:]), device, source)
    return whole[active.start : active.start + shape[0]] >= threshold


def shared_mask(shape: tuple[int, ...], rate: float, device: torch.device) -> Tensor:
    """Return a mask that all samples of a batch share, such as one of weights.

    It is false for a share of its places, and keyed by the step and the order of the call.

    Args:
        shape: Shape wanted.
        rate: Share of false places in [0, 1), kept to within 1 / 65536.
        device: Device wanted.
    """
    threshold = min(round(rate * 65536) - 32768, 32767)
    source = None
    if _ACTIVE:
        active = _ACTIVE[-1]
        source = generator(active.seed, "mask", active.step, active.calls, device=device)
        active.calls += 1
    return _bits16(shape, device, source) >= threshold


def _bits16(shape: tuple[int, ...], device: torch.device, source: torch.Generator | None) -> Tensor:
    """Return random int16 numbers over their whole range."""
    count = math.prod(shape)
    words = torch.empty(-(-count // 4), dtype=torch.int64, device=device)
    words.random_(-(2**63), None, generator=source)
    return words.view(torch.int16)[:count].view(shape)
