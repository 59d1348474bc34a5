"""Training samples and changed copies of them, for weights that are set before training."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.records import Batch
from lamina.data.augmentation import AugmentationConfig, augment


def with_copies(batch: Batch, config: AugmentationConfig, *, seed: int, most: int) -> Batch:
    """Return samples, and behind them `config.initial` changed copies of each.

    Args:
        batch: The samples.
        config: What is done.
        seed: The seed of the run.
        most: Samples in all; copies that would be more are left out.
    """
    count = min(config.initial, max(0, most // max(1, len(batch)) - 1))
    together = [batch, *(augment(batch, config, seed=seed, epoch=epoch) for epoch in range(count))]
    return Batch(
        {name: _joined([one.inputs[name] for one in together]) for name in batch.inputs},
        {name: torch.cat([one.targets[name] for one in together]) for name in batch.targets},
        torch.cat([one.index for one in together]),
    )


def _joined(values: Sequence[Tensor]) -> Tensor:
    """Return samples of several batches; of signals, which alone differ in length, all as long."""
    if len({value.shape[1:] for value in values}) == 1:
        return torch.cat(list(values))
    longest = max(value.shape[1] for value in values)
    before = (0, 0) * (values[0].ndim - 2)
    padded = (F.pad(v, (*before, 0, longest - v.shape[1]), value=torch.nan) for v in values)
    return torch.cat(list(padded))
