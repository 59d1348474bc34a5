"""Convolutions over pitch and time: groups of two, each at half the resolution of what comes in.

Source: Hershey et al. 2017, "CNN architectures for large-scale audio classification",
arXiv:1609.09430 (pairs of small convolutions, then pooling).
"""

from collections.abc import Iterable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.networks.layers.activations import activation


class SoundGroups(nn.ModuleList):
    """Groups of convolutions over log-mel bands.

    Args:
        widths: Channels of each group.
        kind: Name in the table of activations.
        num_bands: Bands that come in; each group halves them.
        halvings: How many groups, from the first, halve the frames too; at least 1.

    Shape:
        logs [batch, bands, frames], valid bool [batch, 1, frames] → maps [batch, out_features,
        steps], valid bool [batch, 1, steps]; every halving rounds up.

    Source:
        arXiv:1609.09430.
    """

    def __init__(self, widths: Sequence[int], kind: str, *, num_bands: int, halvings: int) -> None:
        befores = (1, *widths)
        super().__init__(
            _Group(before, width, kind, is_first=place == 0, halves_time=place < halvings)
            for place, (before, width) in enumerate(zip(befores, widths))
        )
        self.out_features = widths[-1] * -(-num_bands // 2 ** len(widths))

    @override
    def forward(self, logs: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        maps, valid = logs.unsqueeze(1), valid.unsqueeze(1)
        for group in cast(Iterable[_Group], self):
            before, valid = valid, group.ends(valid)
            maps = group(maps, before, valid)
        # A pitch keeps its place: what is high for one voice is another sound for all.
        return maps.flatten(1, 2), valid[:, 0]


class _Group(nn.Module):
    """Two convolutions at half the bands, and at half the frames where that is wanted.

    The first group steps over every other place; the others take the larger of two, or of four.

    Args:
        width_in: Channels that come in.
        width: Channels that go out.
        kind: Name in the table of activations.
        is_first: Whether this is the first group; it halves the frames.
        halves_time: Whether a later group halves them.

    Shape:
        maps [batch, width_in, bands, frames], valid bool [batch, 1, 1, frames], after as `ends`
        gives it → maps [batch, width, bands / 2, frames / 2 or frames], halves rounded up.

    Source:
        arXiv:1609.09430. Differs: batch normalisation; zeros stay behind the end of a recording, so
        that padding changes nothing.
    """

    def __init__(
        self, width_in: int, width: int, kind: str, *, is_first: bool, halves_time: bool
    ) -> None:
        super().__init__()
        self.is_first = is_first
        self.size = (2, 2 if halves_time else 1)
        stride = 2 if is_first else 1
        self.first = nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        self.activation = activation(kind)

    def ends(self, valid: Tensor) -> Tensor:
        """Return where there is sound in what goes out.

        Args:
            valid: Where there is in what comes in, bool [batch, 1, 1, frames].
        """
        return F.max_pool2d(valid.float(), (1, self.size[1]), ceil_mode=True) > 0

    @override
    def forward(self, maps: Tensor, valid: Tensor, after: Tensor) -> Tensor:
        if not self.is_first:
            # A last place that is below 0 must not lose against the zero behind it.
            least = torch.finfo(maps.dtype).min
            maps = F.max_pool2d(maps.masked_fill(~valid, least), self.size, ceil_mode=True)
            maps = torch.where(after, maps, 0.0)
        maps = self.activation(self.first_norm(self.first(maps))) * after
        return self.activation(self.second_norm(self.second(maps))) * after
