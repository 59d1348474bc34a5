"""The worst mistakes: where the model was surest and wrong, or furthest off.

They are the first rows to look at: half of them are usually wrong labels or broken inputs.
"""

from dataclasses import dataclass

import numpy as np

from lamina.evaluation.forecasts import as_forecasts
from lamina.evaluation.predictions import WRITTEN, Predictions, check_targets


@dataclass(frozen=True, slots=True)
class Mistake:
    """One row that was answered badly."""

    row: int
    """Row of the predictions."""
    answered: tuple[float, ...]
    """Class number, numbers of the labels, or the numbers answered."""
    true: tuple[float, ...]
    """The truth in the same form."""
    error: float
    """Classes: probability of the wrong class minus that of the true one. Labels: loss in nats.
    Numbers: absolute error, in standard deviations of the target where there are several."""


def worst_mistakes(
    predictions: Predictions, targets: np.ndarray, *, count: int = 20
) -> tuple[Mistake, ...]:
    """Return the worst answers, the worst first. Rightly answered classes and labels never count.

    Written answers, embeddings, masks and boxes have lists of their own (`runs/answered.py`,
    `runs/recognised.py`, `runs/segmented.py`, `runs/detected.py`).

    Args:
        predictions: The answers.
        targets: The truth; shapes in `Predictions`.
        count: How many at most.

    Raises:
        DataError: The shapes disagree.
    """
    truth = check_targets(predictions, targets)
    has_own = predictions.kind in (*WRITTEN, "embeddings", "masks", "boxes")
    if not predictions.num_rows or has_own:
        return ()
    if predictions.kind == "forecasts":
        return _worst_forecasts(predictions, truth, count)
    errors = _errors(predictions, truth)
    order = np.argsort(-errors, kind="stable")[:count]
    decided = predictions.decided()
    return tuple(
        Mistake(
            int(row),
            _form(predictions, decided[row]),
            _form(predictions, truth[row]),
            float(errors[row]),
        )
        for row in order
        if errors[row] > 0
    )


def _worst_forecasts(
    predictions: Predictions, truth: np.ndarray, count: int
) -> tuple[Mistake, ...]:
    """Return the origins of the largest mean error; answers and truth are means over the steps."""
    forecasts, future = as_forecasts(predictions, truth)
    middle, is_known = forecasts.middle(), ~np.isnan(future)
    deviation = np.where(forecasts.deviations > 0, forecasts.deviations, 1.0)[:, None]
    gaps = np.where(is_known, np.abs(middle - future), 0.0) / deviation
    errors = gaps.sum((1, 2)) / np.maximum(is_known.sum((1, 2)), 1)
    order = np.argsort(-errors, kind="stable")[:count]
    steps = np.maximum(is_known.sum(1), 1)
    answered = np.where(is_known, middle, 0.0).sum(1) / steps
    true = np.where(is_known, future, 0.0).sum(1) / steps
    return tuple(
        Mistake(int(r), tuple(answered[r].tolist()), tuple(true[r].tolist()), float(errors[r]))
        for r in order
    )


def _errors(predictions: Predictions, truth: np.ndarray) -> np.ndarray:
    decided = predictions.decided()
    if predictions.kind == "classes":
        rows = np.arange(len(truth))
        return predictions.values[rows, decided] - predictions.values[rows, truth]
    if predictions.kind == "labels":
        chance = np.clip(
            np.where(truth > 0.5, predictions.values, 1 - predictions.values), 1e-12, 1
        )
        return np.where((decided != truth).any(1), -np.log(chance).sum(1), 0.0)
    gaps = np.abs(decided - truth)
    if gaps.shape[1] > 1:
        deviation = truth.std(0)
        gaps = gaps / np.where(deviation > 0, deviation, 1.0)
    return gaps.max(1)


def _form(predictions: Predictions, answer: np.ndarray) -> tuple[float, ...]:
    if predictions.kind == "labels":
        return tuple(float(label) for label in np.flatnonzero(answer > 0.5))
    return tuple(float(number) for number in np.atleast_1d(answer))
