"""Normalisers: layers that keep activations at a common scale.

Features are the last dimension: [batch, features] or [batch, length, features].

Source: Ioffe and Szegedy 2015 (batch), Ba et al. 2016 (layer), Wu and He 2018 (group), Zhang and
Sennrich 2019 (rms). Batch statistics tie samples together: with them, and only with them, a batch
split into micro-batches gives another result.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.table import Entry, look_up, table


class BatchNorm(nn.Module):
    """Batch normalisation of the last dimension, over all others.

    Args:
        features: Width of the last dimension.

    Source:
        Ioffe and Szegedy 2015, arXiv:1502.03167. Differs: features last, so that it fits tables
        and sequences alike; a batch of one row is normalised by the running statistics.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(features)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        flat = inputs if inputs.dim() == 2 else inputs.flatten(0, -2)
        is_alone = _is_single(self.norm, flat)
        outputs: Tensor = _by_running(self.norm, flat) if is_alone else self.norm(flat)
        return outputs.view(inputs.shape)


class PictureBatchNorm(nn.BatchNorm2d):
    """Batch normalisation of channels, [batch, channels, height, width] → the same.

    Source:
        Ioffe and Szegedy 2015, arXiv:1502.03167. Differs: a single value per channel, of which
        there is no deviation, is normalised by the running statistics.
    """

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if _is_single(self, inputs):
            return _by_running(self, inputs)
        return super().forward(inputs)


class GroupNorm(nn.Module):
    """Group normalisation of the last dimension, within each position.

    Args:
        features: Width of the last dimension.

    Source:
        Wu and He 2018, arXiv:1803.08494. Differs: features last, statistics per position.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.num_groups = num_groups(features)
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        groups = inputs.unflatten(-1, (self.num_groups, -1))
        normed = F.layer_norm(groups, groups.shape[-1:]).flatten(-2)
        return torch.addcmul(self.bias, normed, self.weight)


def num_groups(features: int) -> int:
    """Return the largest number of groups, 32 at most, of at least 4 features each.

    Args:
        features: Width to be divided.
    """
    fitting = [n for n in range(1, 33) if features % n == 0 and features // n >= 4]
    return max(fitting, default=1)


class RMSNorm(nn.Module):
    """Divides by the root of the mean square over the last dimension, then scales.

    Args:
        features: Width of the last dimension.

    Source:
        Zhang and Sennrich 2019, arXiv:1910.07467. Differs: epsilon is 1e-6 for every dtype.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        # torch's fused kernel wants one dtype.
        weight = self.weight.to(inputs.dtype)
        return F.rms_norm(inputs, self.weight.shape, weight, eps=1e-6)


def no_norm(features: int) -> nn.Module:  # noqa: ARG001 - the signature of the table
    """Return a layer that does nothing.

    Args:
        features: Width of the last dimension.
    """
    return nn.Identity()


NORMALISERS: Mapping[str, Entry[Callable[[int], nn.Module]]] = table(
    Entry("batch", BatchNorm, "Mean 0, deviation 1 over the batch.", "arXiv:1502.03167"),
    Entry("group", GroupNorm, "Mean 0, deviation 1 over groups.", "arXiv:1803.08494"),
    Entry("layer", nn.LayerNorm, "Mean 0, deviation 1 over the features.", "arXiv:1607.06450"),
    Entry("none", no_norm, "Leaves activations as they are."),
    Entry("rms", RMSNorm, "Root mean square 1 over the features.", "arXiv:1910.07467"),
)
"""All normalisers by name: functions of the number of features."""


def normaliser(name: str, features: int) -> nn.Module:
    """Return a layer that normalises the last dimension.

    Args:
        name: Its name in `NORMALISERS`.
        features: Width of the last dimension.

    Raises:
        ConfigError: There is no such name.
    """
    return look_up(NORMALISERS, name, what="normaliser")(features)


def _is_single(norm: nn.BatchNorm1d | nn.BatchNorm2d, inputs: Tensor) -> bool:
    """Return whether a batch in training has one value per feature, of which none deviates."""
    return norm.training and inputs.numel() == inputs.shape[1]


def _by_running(norm: nn.BatchNorm1d | nn.BatchNorm2d, inputs: Tensor) -> Tensor:
    return F.batch_norm(
        inputs, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
    )
