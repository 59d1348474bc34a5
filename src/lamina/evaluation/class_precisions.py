"""How well the boxes of each class are found, with intervals from resampled pictures."""

from dataclasses import dataclass

import numpy as np

from lamina.core.records import Interval
from lamina.evaluation.detection import average_precisions, matched
from lamina.evaluation.intervals import DEFAULT_BOOTSTRAP, BootstrapConfig, draw_weights
from lamina.evaluation.predictions import Predictions

_FEWEST_ROWS = 5


@dataclass(frozen=True, slots=True)
class ClassPrecision:
    """How well one class is found."""

    name: str
    """Its name."""
    num_true: int
    """Boxes of it in the truth."""
    ap50: Interval
    """Average precision; right from an overlap of .5 on."""
    ap50_95: Interval
    """Mean of it over overlaps from .5 to .95."""


def class_precisions(
    predictions: Predictions,
    targets: np.ndarray,
    *,
    names: tuple[str, ...],
    groups: np.ndarray | None = None,
    config: BootstrapConfig = DEFAULT_BOOTSTRAP,
) -> tuple[ClassPrecision, ...]:
    """Return how well each class is found.

    Args:
        predictions: Boxes.
        targets: float [rows, most, 5].
        names: Names of the classes.
        groups: Entity of each row, [rows]; whole entities are resampled. None for each row alone.
        config: How intervals are drawn.
    """
    matches = matched(predictions, targets)
    num_rows = predictions.num_rows
    rows = np.arange(num_rows) if groups is None else groups
    codes = np.unique(rows, return_inverse=True)[1].reshape(-1)
    chunks = list(draw_weights(num_rows, codes, config)) if len(set(codes)) >= _FEWEST_ROWS else []
    found = []
    for levels in (slice(0, 1), slice(None)):
        values = average_precisions(matches, np.ones((1, num_rows)), levels)[0]
        drawn = [average_precisions(matches, weights, levels) for weights in chunks]
        samples = np.concatenate([np.full((1, len(names)), np.nan), *drawn])
        found.append([_interval(values[place], samples[:, place]) for place in range(len(names))])
    return tuple(
        ClassPrecision(name, int(own.num_true.sum()), first, second)
        for name, own, first, second in zip(names, matches, *found)
    )


def _interval(value: float, samples: np.ndarray) -> Interval:
    own = samples[~np.isnan(samples)]
    if np.isnan(value) or len(own) <= len(samples) / 2:
        return Interval(float(value), np.nan, np.nan)
    low, high = np.quantile(own, [0.025, 0.975])
    return Interval(float(value), float(low), float(high))
