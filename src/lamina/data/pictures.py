"""Pictures of different sizes, each as it is, from which windows are cut.

The pixels of all rows lie one after the other, in memory or in a file, row after row of a picture,
so that a window is as many runs of pixels as it is high. Masks at the size of their pictures are
held in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, final

import numpy as np
import torch
from torch import Tensor

from lamina.runtime.sliding import window


class AbstractPixels(Protocol):
    """Pixels that are fetched by their place."""

    def fetch(self, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return runs of pixels one after the other.

        Args:
            starts: int64 [runs], where each begins.
            lengths: int64 [runs], pixels of each.
        """


@final
@dataclass(frozen=True, slots=True)
class HeldPixels:
    """Pixels in memory."""

    values: np.ndarray
    """uint8 [pixels, channels], or [pixels] of masks."""

    def fetch(self, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return runs of pixels one after the other.

        Args:
            starts: int64 [runs], where each begins.
            lengths: int64 [runs], pixels of each.
        """
        pieces = [self.values[a : a + n] for a, n in zip(starts.tolist(), lengths.tolist())]
        return np.concatenate(pieces) if len(pieces) != 1 else pieces[0]


@final
@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures, or masks, of different sizes."""

    pixels: AbstractPixels
    """Their pixels, uint8, one picture after the other."""
    sizes: Tensor
    """int64 [rows, 2], height and width of each; 0 and 0 where a row has none."""
    ground: int
    """What lies around a picture."""
    channels: int = 0
    """Numbers per pixel; 0 for masks, whose pixels have no dimension for them."""
    device: torch.device = torch.device("cpu")  # noqa: RUF009
    """Where batches go; the pixels stay where they are."""

    def __len__(self) -> int:
        return len(self.sizes)

    def starts(self) -> Tensor:
        """Return where each picture begins among the pixels, int64 [rows]."""
        counts = self.sizes.prod(dim=1)
        return counts.cumsum(0) - counts

    def whole(self, row: int) -> np.ndarray:
        """Return one picture, uint8 [height, width, channels] or [height, width].

        Args:
            row: Its number.
        """
        height, width = self.sizes[row].tolist()
        start = int(self.sizes[:row].prod(dim=1).sum())
        found = self.pixels.fetch(np.array([start]), np.array([height * width]))
        return found.reshape(height, width, *found.shape[1:])

    def windows(self, rows: Tensor, tops: Tensor, lefts: Tensor, *, side: int) -> Tensor:
        """Return squares of pictures, uint8 [windows, channels, side, side] or [windows, ...].

        Args:
            rows: int64 [windows], numbers of the pictures.
            tops: int64 [windows], first row of each, inside the picture.
            lefts: int64 [windows], first column of each, inside the picture.
            side: Side of the squares; where one hangs over, its ground is around it.
        """
        begins, kinds = self.starts(), (self.channels,) if self.channels else ()
        found = np.empty((len(rows), side, side, *kinds), dtype=np.uint8)
        places = zip(rows.tolist(), tops.tolist(), lefts.tolist())
        for place, (row, top, left) in enumerate(places):
            height, width = self.sizes[row].tolist()
            tall, wide = min(side, height - top), min(side, width - left)
            if tall < 1 or wide < 1:
                found[place] = self.ground
                continue
            first = int(begins[row]) + top * width + left
            runs = first + width * np.arange(tall)
            own = self.pixels.fetch(runs, np.full(tall, wide)).reshape(tall, wide, *kinds)
            found[place] = window(own, 0, 0, side=side, ground=self.ground)
        whole = torch.from_numpy(found)
        return (whole.permute(0, 3, 1, 2).contiguous() if kinds else whole).to(self.device)

    def select(self, index: Tensor, *, max_length: int | None = None) -> Tensor:  # noqa: ARG002
        """Return some pictures as squares that the largest of them fits in.

        Args:
            index: int64 [batch], row numbers.
            max_length: Does not concern pictures.
        """
        rows = index.cpu()
        side = max(1, int(self.sizes[rows].max())) if len(rows) else 1
        corners = torch.zeros_like(rows)
        return self.windows(rows, corners, corners, side=side)

    def to(self, device: torch.device) -> "Pictures":
        """Return them so that batches go to a device.

        Args:
            device: Where to.
        """
        return replace(self, device=device)


def pictures_of(found: Sequence[np.ndarray | None], *, ground: int, channels: int = 0) -> Pictures:
    """Return pictures in memory.

    Args:
        found: uint8 [height, width, channels], or [height, width] of masks; None where a row has
            none.
        ground: What lies around a picture.
        channels: Numbers per pixel; 0 for masks.
    """
    waiting = list(found)
    sizes = np.array([(0, 0) if one is None else one.shape[:2] for one in waiting])
    sizes = sizes.reshape(-1, 2).astype(np.int64)
    kinds = (channels,) if channels else ()
    values = np.empty((int(sizes.prod(axis=1).sum()), *kinds), dtype=np.uint8)
    place = 0
    for row, one in enumerate(waiting):
        if one is not None:
            count = one.shape[0] * one.shape[1]
            values[place : place + count] = one.reshape(count, *kinds)
            place, waiting[row] = place + count, None  # so that none is held twice for long
    return Pictures(HeldPixels(values), torch.from_numpy(sizes), ground, channels)
