"""Windows of large pictures as samples: several of a row.

To learn from, windows overlap by half, so that any part of a picture lies whole in one of them, and
are cut smaller at random; those that show a rare class come up more often. To be measured and
answered, a picture is cut into tiles that do not overlap: each pixel counts once, and tables of
answers stay rectangular. The answer to a tile is that to the whole picture there
(`lamina.runtime.sliding`).
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from lamina.core.records import Batch
from lamina.data.pictures import Pictures
from lamina.runtime.sliding import Sliding, starts, window

RARE_SHARE = 1 / 3
"""Share of the windows to learn from that show something rare, where there are enough of them.

Source: Isensee et al. 2021, "nnU-Net": a third of the parts holds some foreground."""

_BLOCKS = 16  # along a window, in which a mask is looked through

Asked = tuple[int, int, int]
"""Row, first row of pixels and first column of a window."""


@final
@dataclass(frozen=True, slots=True)
class Tiles:
    """Squares of pictures; their numbers go round, so that one can be listed several times."""

    inputs: tuple[str, Pictures]
    """Name of the input, and the pictures."""
    targets: tuple[str, Pictures] | None
    """Name of the target, and the masks; None where there are none."""
    side: int
    """Side of the squares."""
    places: Tensor
    """int64 [squares, 3]: row, first row of pixels, first column."""

    @property
    def device(self) -> torch.device:
        """Where sample numbers have to be."""
        return self.inputs[1].device

    def batch(self, index: Tensor) -> Batch:
        """Return some squares.

        Args:
            index: int64 [batch], their numbers.
        """
        name, pictures = self.inputs
        return Batch({name: self._cut(pictures, index)}, self._masks(index), index)

    def by_length(self, index: Tensor) -> Tensor:
        """Return the order as it is: all are of one size.

        Args:
            index: int64 [samples], their numbers.
        """
        return torch.arange(len(index), device=index.device)

    def targets_of(self, index: Tensor) -> dict[str, Tensor]:
        """Return the masks of some squares, on the CPU.

        Args:
            index: int64 [samples], their numbers.
        """
        return {name: masks.cpu() for name, masks in self._masks(index).items()}

    def rows_of(self, index: Tensor) -> Tensor:
        """Return the row that each square is of.

        Args:
            index: int64 [samples], their numbers.
        """
        return self._placed(index)[:, 0].to(index.device)

    def picture(self, row: int) -> np.ndarray:
        """Return a whole picture, uint8 [height, width, channels].

        Args:
            row: Number of the row.
        """
        return self.inputs[1].whole(row)

    def of_picture(self, index: Tensor, values: np.ndarray) -> np.ndarray:
        """Return what stands in the squares of one picture, uint8 [squares, side, side].

        Args:
            index: int64 [squares], their numbers.
            values: uint8 [height, width], of each pixel of the picture.
        """
        cut = [
            window(values, top, left, side=self.side, ground=0)
            for _, top, left in self._placed(index).tolist()
        ]
        return np.stack(cut)

    def joined(self, index: Tensor, values: np.ndarray) -> np.ndarray:
        """Return a whole picture from what stands in its tiles, [height, width].

        Args:
            index: int64 [squares], numbers of all tiles of one row.
            values: [squares, side, side].
        """
        places = self._placed(index).tolist()
        height, width = self.inputs[1].sizes[places[0][0]].tolist()
        whole = np.zeros((height, width), dtype=values.dtype)
        for (_, top, left), own in zip(places, values):
            tall, wide = min(self.side, height - top), min(self.side, width - left)
            whole[top : top + tall, left : left + wide] = own[:tall, :wide]
        return whole

    def _masks(self, index: Tensor) -> dict[str, Tensor]:
        if self.targets is None:
            return {}
        return {self.targets[0]: self._cut(self.targets[1], index)}

    def _cut(self, pictures: Pictures, index: Tensor) -> Tensor:
        rows, tops, lefts = self._placed(index).unbind(dim=1)
        return pictures.windows(rows, tops, lefts, side=self.side)

    def _placed(self, index: Tensor) -> Tensor:
        return self.places[index.cpu() % max(1, len(self.places))]


def tile_places(sizes: Tensor, side: int) -> Tensor:
    """Return the tiles of pictures, row by row, int64 [tiles, 3]; the last ones hang over.

    Args:
        sizes: int64 [rows, 2], height and width.
        side: Side of a tile.
    """
    return _places(sizes, lambda length: range(0, length, side))


def window_places(sizes: Tensor, sliding: Sliding) -> Tensor:
    """Return windows of pictures that overlap, row by row, int64 [windows, 3].

    Args:
        sizes: int64 [rows, 2], height and width.
        sliding: How they lie.
    """
    return _places(sizes, lambda length: starts(length, sliding) if length else ())


def windows_to_learn(masks: Pictures, places: Tensor, *, side: int, usual: int) -> Tensor:
    """Return numbers of windows to learn from, int64; one that is listed again has another number.

    Windows of which nothing is known are left out. Where few show anything but the most frequent
    class, they are listed so often that they are a third.

    Args:
        masks: The masks.
        places: int64 [windows, 3], of the rows to learn from: as `window_places` gives them.
        side: Side of a window.
        usual: The most frequent class.
    """
    known = np.zeros(len(places), dtype=bool)
    rare = np.zeros(len(places), dtype=bool)
    numbers = places.numpy()
    ends = np.flatnonzero(np.diff(numbers[:, 0], prepend=-1, append=-1))
    for first, stop in itertools.pairwise(ends):
        mask = masks.whole(int(numbers[first, 0]))
        own = numbers[first:stop, 1:]
        is_known = mask != masks.ground
        known[first:stop] = _shown(is_known, own, side)
        rare[first:stop] = _shown(is_known & (mask != usual), own, side)
    chosen = np.flatnonzero(known)
    few = np.flatnonzero(rare)
    wanted = RARE_SHARE / (1 - RARE_SHARE) * (len(chosen) - len(few))
    times = round(wanted / len(few)) if len(few) else 1
    again = [few + len(places) * time for time in range(1, times)]
    return torch.from_numpy(np.concatenate([chosen, *again]))


def _places(sizes: Tensor, begins: Callable[[int], Sequence[int]]) -> Tensor:
    found: list[Asked] = []
    for row, (height, width) in enumerate(sizes.tolist()):
        if height and width:
            found += [(row, top, left) for top in begins(height) for left in begins(width)]
    return torch.tensor(found, dtype=torch.int64).reshape(-1, 3)


def _shown(is_so: np.ndarray, corners: np.ndarray, side: int) -> np.ndarray:
    """Return in which squares something is so, bool [squares]; looked at in coarse steps."""
    block = max(1, side // _BLOCKS)
    height, width = (-(-length // block) * block for length in is_so.shape)
    even = np.zeros((height, width), dtype=bool)
    even[: is_so.shape[0], : is_so.shape[1]] = is_so
    blocks = even.reshape(height // block, block, width // block, block).any(axis=(1, 3))
    low = corners // block
    high = np.minimum(-(-(corners + side) // block), blocks.shape)
    sums = np.pad(blocks.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    (top, left), (bottom, right) = low.T, high.T
    found = sums[bottom, right] - sums[bottom, left] - sums[top, right] + sums[top, left]
    return np.asarray(found > 0)
