"""What a report says of masks: each class, and pictures with the truth and the answer over them."""

from typing import Any

import numpy as np
from torch import Tensor

from lamina.data.modalities.mask import Mask
from lamina.data.parts import Part
from lamina.evaluation.class_overlaps import class_overlaps
from lamina.evaluation.intervals import BootstrapConfig
from lamina.evaluation.predictions import VOID, Predictions
from lamina.evaluation.segmentation import confusions, row_overlaps
from lamina.reports.pictures import thumbnail_uri

MOST_DRAWN = 6
"""Pictures drawn of the worst, and as many as they come."""

_SIDE = 160
_STRENGTH = 0.6


def segmented(
    found: Predictions,
    truth: np.ndarray,
    mask: Mask,
    part: Part,
    *,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Return how well each class is found, and some pictures, the worst first, as a document.

    Args:
        found: Masks answered.
        truth: The right ones.
        mask: The fitted state of the target.
        part: The samples.
        groups: Entity of each row, or None.
        seed: Seed of the run.
    """
    config = BootstrapConfig(seed=seed)
    own = class_overlaps(found, truth, names=mask.classes, groups=groups, config=config)
    counts, values = confusions(found, truth), row_overlaps(found, truth)
    places = _drawn(values)
    rows = part.rows()
    pictures = _pictures(part, places) if places else []
    return {
        "class_names": list(mask.classes),
        "colours": [f"#{code:06x}" for code in mask.colours],
        "overlaps": own,
        "confusion": counts.sum(0).astype(np.int64).tolist(),
        "drawn": [
            {
                "row": int(rows[place]),
                "mean_iou": float(values[place]),
                "picture": thumbnail_uri(picture, side=_SIDE),
                "truth": thumbnail_uri(overlaid(picture, truth[place], mask), side=_SIDE),
                "answer": thumbnail_uri(overlaid(picture, found.values[place], mask), side=_SIDE),
            }
            for place, picture in zip(places, pictures)
        ],
    }


def overlaid(picture: np.ndarray, classes: np.ndarray, mask: Mask) -> np.ndarray:
    """Return a picture with the colours of classes over it; where nothing is known it stays.

    Args:
        picture: uint8 [height, width, 3].
        classes: uint8 [pixels].
        mask: The fitted state of the target.
    """
    codes = np.array([*mask.colours, *[0] * (256 - len(mask.colours))])[classes]
    colours = np.stack([codes >> 16 & 255, codes >> 8 & 255, codes & 255], axis=-1)
    colours = colours.reshape(picture.shape).astype(np.float64)
    share = np.where(classes == VOID, 0.0, _STRENGTH).reshape(*picture.shape[:2], 1)
    mixed = picture * (1 - share) + colours * share
    return np.asarray(mixed.round().astype(np.uint8))


def _drawn(values: np.ndarray) -> list[int]:
    """Return the rows of the least overlap, then some as they come."""
    if not len(values):
        return []
    worst = np.argsort(values, kind="stable")[:MOST_DRAWN].tolist()
    even = np.unique(np.linspace(0, len(values) - 1, MOST_DRAWN).round().astype(int)).tolist()
    return [*worst, *(row for row in even if row not in worst)]


def _pictures(part: Part, places: list[int]) -> list[np.ndarray]:
    """Return some pictures as the network sees them, uint8 [height, width, 3]."""
    batch = part.samples.batch(part.index[places])
    found: Tensor
    (found,) = batch.inputs.values()
    pictures = found.expand(-1, 3, -1, -1).permute(0, 2, 3, 1)
    return list(pictures.cpu().numpy())
