"""How well each class of masks is found, with intervals from resampled pictures."""

from dataclasses import dataclass

import numpy as np

from lamina.core.records import Interval
from lamina.evaluation.intervals import DEFAULT_BOOTSTRAP, BootstrapConfig, draw_weights
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.segmentation import confusions, overlaps, weighted_counts
from lamina.evaluation.weights import ratio

_FEWEST_ROWS = 5


@dataclass(frozen=True, slots=True)
class ClassOverlap:
    """How well one class is found."""

    name: str
    """Its name."""
    iou: Interval
    """Pixels rightly given to it among all that are it or got it."""
    recall: float
    """Share of its pixels that are found; NaN where it has none."""
    precision: float
    """Share of the pixels given to it that are right; NaN where there are none."""
    share: float
    """Share of the known pixels that are it."""


def class_overlaps(
    predictions: Predictions,
    targets: np.ndarray,
    *,
    names: tuple[str, ...],
    groups: np.ndarray | None = None,
    config: BootstrapConfig = DEFAULT_BOOTSTRAP,
) -> tuple[ClassOverlap, ...]:
    """Return how well each class is found.

    Args:
        predictions: Masks.
        targets: uint8 [rows, pixels].
        names: Names of the classes.
        groups: Entity of each row, [rows]; whole entities are resampled. None for each row alone.
        config: How intervals are drawn.
    """
    counts = confusions(predictions, targets)
    whole = counts.sum(0)
    values, true = overlaps(whole)
    rows = np.arange(len(counts)) if groups is None else groups
    codes = np.unique(rows, return_inverse=True)[1].reshape(-1)
    chunks = draw_weights(len(counts), codes, config) if len(set(codes)) >= _FEWEST_ROWS else ()
    drawn = [overlaps(weighted_counts(weights, counts))[0] for weights in chunks]
    samples = np.concatenate([np.full((1, len(names)), np.nan), *drawn])
    found = []
    for place, name in enumerate(names):
        own = samples[:, place][~np.isnan(samples[:, place])]
        low, high = (
            np.quantile(own, [0.025, 0.975]) if len(own) > len(samples) / 2 else [np.nan] * 2
        )
        right = whole[place, place]
        found.append(
            ClassOverlap(
                name,
                Interval(float(values[place]), float(low), float(high)),
                float(ratio(right, true[place])),
                float(ratio(right, whole[:, place].sum())),
                float(ratio(true[place], true.sum())),
            )
        )
    return tuple(found)
