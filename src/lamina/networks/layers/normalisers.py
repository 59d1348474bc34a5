"""Normalisers: layers that keep activations at a common scale.

Features are the last dimension of [batch, features] and [batch, length, features], and dimension 1
of pictures [batch, channels, height, width]; `normaliser` gives the layer for the former,
`image_normaliser` for the latter.

Source: Ioffe and Szegedy 2015 (batch), Ba et al. 2016 (layer), Wu and He 2018 (group), Zhang and
Sennrich 2019 (rms). Batch statistics tie samples together: with them, and only with them, a batch
split into micro-batches gives another result.
"""

import math
from collections.abc import Callable, Mapping

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.table import Entry, look_up, table


class BatchNorm(nn.Module):
    """Batch normalisation of the last dimension, over all others.

    Args:
        features: Width of the last dimension.

    Source:
        Ioffe and Szegedy 2015, arXiv:1502.03167. Differs: features last, so that it fits tables
        and sequences alike.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(features)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if inputs.dim() == 2:
            return self.norm(inputs)
        flat: Tensor = self.norm(inputs.flatten(0, -2))
        return flat.view(inputs.shape)


class GroupNorm(nn.Module):
    """Group normalisation of the last dimension, within each position.

    Args:
        features: Width of the last dimension.

    Source:
        Wu and He 2018, arXiv:1803.08494. Differs: features last, statistics per position.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(num_groups(features), features)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        flat: Tensor = self.norm(inputs.reshape(-1, inputs.shape[-1]))
        return flat.view(inputs.shape)


def num_groups(features: int) -> int:
    """Return the largest number of groups, 32 at most, that divides the features evenly.

    Args:
        features: Width to be divided.
    """
    return math.gcd(features, 32)


def rms_norm(features: int) -> nn.RMSNorm:
    """Return a layer that divides by the root of the mean square.

    Args:
        features: Width of the last dimension.
    """
    # torch's default epsilon depends on the dtype; a fixed one is the same everywhere.
    return nn.RMSNorm(features, eps=1e-6)


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
    Entry("rms", rms_norm, "Root mean square 1 over the features.", "arXiv:1910.07467"),
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
