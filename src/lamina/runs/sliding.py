"""Large pictures answered by a run: window by window, each picture as a whole."""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core.records import Batch
from lamina.data.tiles import Tiles
from lamina.runtime.sliding import Sliding, slid
from lamina.training.inference import Answering, answer


def slid_on(
    model: nn.Module, tiles: Tiles, index: Tensor, how: Answering, *, overlap: float
) -> dict[str, Tensor]:
    """Return the classes of tiles as windows over their whole pictures say, uint8 [tiles, pixels].

    Pictures are held one at a time, and of their scores a band as high as a window.

    Args:
        model: The network.
        tiles: The pictures.
        index: Numbers of the tiles.
        how: How it answers windows: with what is averaged where they overlap.
        overlap: Share of a window that the next one covers again.
    """
    sliding, name = Sliding(tiles.side, overlap), ""

    def score(windows: np.ndarray) -> np.ndarray:
        nonlocal name
        given = _Given(tiles.inputs[0], torch.from_numpy(windows))
        ((name, found),) = answer(model, given, torch.arange(len(windows)), how).items()
        return found.numpy()

    rows = tiles.rows_of(index).cpu()
    found = torch.zeros(len(index), tiles.side * tiles.side, dtype=torch.uint8)
    for row in rows.unique().tolist():
        places = torch.nonzero(rows == row).squeeze(1)
        whole = slid(tiles.picture(row), score, sliding, together=how.batch_size)
        own = tiles.of_picture(index[places.to(index.device)], whole)
        found[places] = torch.from_numpy(own).flatten(1)
    if not name:  # nothing is asked; an empty answer has a name, too
        score(np.zeros((0, tiles.inputs[1].channels, tiles.side, tiles.side), dtype=np.uint8))
    return {name: found}


@final
@dataclass(frozen=True, slots=True)
class _Given:
    """Pictures at hand as samples."""

    name: str
    pictures: Tensor

    def batch(self, index: Tensor) -> Batch:
        """Return some of them.

        Args:
            index: int64 [batch], their places.
        """
        return Batch({self.name: self.pictures[index]}, {}, index)
