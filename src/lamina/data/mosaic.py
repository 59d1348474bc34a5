"""Mosaic: one picture out of four of the batch, with the boxes that lie in each part.

Each quarter shows what another picture has at the same place, so that nothing is resized: size and
place have been changed before, picture by picture. Which pictures are put together depends on which
samples are in the batch, not on their order.

Source: Bochkovskiy et al. 2020, "YOLOv4", arXiv:2004.10934. Differs: parts are not shrunk; they
are cut at a random cross, and boxes of which little is left are dropped.
"""

import torch
from torch import Tensor

from lamina.core.boxes import filled_up
from lamina.core.errors import ConfigError
from lamina.core.random import sample_uniform
from lamina.core.records import Batch
from lamina.data.geometry import cut_boxes, is_boxes

_MARGIN = 0.25  # share of a side that every part has at least


def mosaic(batch: Batch, *, share: float, seed: int, epoch: int) -> Batch:
    """Return a batch in which some pictures are put together from four.

    Args:
        batch: The full batch: pictures alone, with boxes.
        share: Share of the pictures, in [0, 1].
        seed: The seed of the run.
        epoch: The epoch, from 0.

    Raises:
        ConfigError: There are other inputs, or targets that are no boxes.
    """
    foreign = [name for name, values in batch.inputs.items() if values.ndim != 4]
    foreign += [name for name, values in batch.targets.items() if not is_boxes(values)]
    if foreign or len(batch.inputs) != 1:
        raise ConfigError(
            f"a mosaic is made of pictures with boxes alone, got {', '.join(foreign)} too. "
            "Set augmentation.mosaic to 0."
        )
    ((name, images),) = batch.inputs.items()
    draws = sample_uniform(seed, "mosaic", epoch, batch.index, 4).to(images.device)
    is_made = draws[:, 0] < share
    parts = _parts(batch.index, draws[:, 3])
    height, width = images.shape[2:]
    across = ((_MARGIN + (1 - 2 * _MARGIN) * draws[:, 1]) * width).floor()
    down = ((_MARGIN + (1 - 2 * _MARGIN) * draws[:, 2]) * height).floor()
    is_right = (torch.arange(width, device=images.device) >= across[:, None])[:, None, None]
    is_below = (torch.arange(height, device=images.device) >= down[:, None])[:, None, :, None]
    upper = torch.where(is_right, images[parts[1]], images)
    lower = torch.where(is_right, images[parts[3]], images[parts[2]])
    made = torch.where(is_below, lower, upper)
    zero = torch.zeros_like(across)
    wide, tall = zero + width, zero + height
    windows = (
        (zero, zero, across, down),
        (across, zero, wide, down),
        (zero, down, across, tall),
        (across, down, wide, tall),
    )
    targets = {
        key: _joined(filled_up(boxes), parts, [torch.stack(w, dim=1) for w in windows], is_made)
        for key, boxes in batch.targets.items()
    }
    inputs = {name: torch.where(is_made[:, None, None, None], made, images)}
    return Batch(inputs, targets, batch.index)


def _parts(index: Tensor, key: Tensor) -> list[Tensor]:
    """Return for each of the four quarters which sample of the batch it shows."""
    # Equal keys are told apart by the row, so that the order of the batch does not matter.
    by_row = torch.argsort(index, stable=True)
    order = by_row[torch.argsort(key[by_row], stable=True)]
    found = []
    for shift in range(4):
        partner = torch.empty_like(order)
        partner[order] = order.roll(-shift)
        found.append(partner)
    return found


def _joined(boxes: Tensor, parts: list[Tensor], windows: list[Tensor], is_made: Tensor) -> Tensor:
    """Return the boxes of all quarters, those that are there first."""
    cut = [
        cut_boxes(boxes[part][..., 0], boxes[part][..., 1:], window)
        for part, window in zip(parts, windows, strict=True)
    ]
    joined = torch.cat(cut, dim=1)
    plain = torch.nn.functional.pad(boxes, (0, 0, 0, 3 * boxes.shape[1]), value=-1.0)
    whole = torch.where(is_made[:, None, None], joined, plain)
    is_real = whole[..., 0] >= 0
    order = torch.argsort((~is_real).to(torch.int8), dim=1, stable=True)
    most = max(1, int(is_real.sum(dim=1).max()))
    return whole.gather(1, order[:, :most, None].expand(-1, -1, 5))
