"""Probabilities that mean what they say: temperature scaling and the reliability curve.

Source: Guo et al. 2017, "On calibration of modern neural networks", https://arxiv.org/abs/1706.04599
(temperature scaling, section 4.2). Differs: golden-section search in place of LBFGS, since there is
one unknown; a weak prior (standard normal on the logarithm of the temperature) so that a few
validation rows cannot push it to an end; averaged members are scaled on the logarithm of their mean
probability; labels scale their log-odds.
"""

from dataclasses import dataclass

import numpy as np

from lamina.core.errors import ConfigError
from lamina.core.records import Interval
from lamina.evaluation.intervals import wilson_interval
from lamina.evaluation.predictions import Predictions, check_targets

TINY = 1e-12
"""Probabilities below it are taken for it before their logarithm."""

_GOLDEN = (5**0.5 - 1) / 2
_LOG_RANGE = (-3.0, 3.0)
_MAX_ROWS = 20_000


def fit_temperature(predictions: Predictions, targets: np.ndarray) -> float:
    """Return the temperature that makes probabilities of validation rows most likely.

    Args:
        predictions: Class or label probabilities of validation rows, averaged over members.
        targets: The truth of these rows.

    Returns:
        Above 1 where the model is too sure of itself, below 1 where it is not sure enough; 1 where
        there are fewer than two rows.

    Raises:
        ConfigError: The predictions are no probabilities.
        DataError: The shapes disagree.

    Source:
        Guo et al. 2017, section 4.2.
    """
    logits = _logits(predictions)
    truth = check_targets(predictions, targets)
    if predictions.num_rows < 2:
        return 1.0
    if predictions.num_rows > _MAX_ROWS:
        rows = np.linspace(0, predictions.num_rows - 1, _MAX_ROWS).astype(np.int64)
        logits, truth = logits[rows], truth[rows]

    def cost(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        loss = _class_loss if predictions.kind == "classes" else _label_loss
        return loss(scaled, truth) + log_temperature**2 / (2 * len(truth))

    return float(np.exp(_golden_section(cost, *_LOG_RANGE)))


def apply_temperature(predictions: Predictions, temperature: float) -> Predictions:
    """Return the probabilities at another temperature.

    Args:
        predictions: Class or label probabilities, averaged over members.
        temperature: Above zero; 1 changes nothing.

    Raises:
        ConfigError: The predictions are no probabilities, or the temperature is not above zero.

    Source:
        Guo et al. 2017, eq. 9.
    """
    if not temperature > 0:
        raise ConfigError(
            f"temperature must be above zero, got {temperature!r}. 1 changes nothing."
        )
    logits = _logits(predictions) / temperature
    if predictions.kind == "labels":
        return Predictions("labels", 1 / (1 + np.exp(-logits)))
    logits -= logits.max(1, keepdims=True)
    values = np.exp(logits)
    return Predictions("classes", values / values.sum(1, keepdims=True))


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Rows of like confidence."""

    low: float
    """Lowest confidence of the bin."""
    high: float
    """Highest confidence of the bin."""
    num_rows: int
    """Rows (for labels: pairs of row and label) in the bin."""
    confidence: float
    """Their mean confidence."""
    share_right: Interval
    """Share of them that is right, with Wilson's interval."""


def reliability_curve(
    predictions: Predictions, targets: np.ndarray, *, num_bins: int = 15
) -> tuple[ReliabilityBin, ...]:
    """Return how often the model is right at each confidence; empty bins are left out.

    Args:
        predictions: Class probabilities (the most probable class counts) or label probabilities.
        targets: The truth.
        num_bins: Bins of equal width.

    Raises:
        ConfigError: The predictions are no probabilities.
        DataError: The shapes disagree.

    Source:
        DeGroot and Fienberg 1983; Guo et al. 2017, figure 1.
    """
    _logits(predictions)
    truth = check_targets(predictions, targets)
    if predictions.kind == "classes":
        confidence, right = predictions.values.max(1), predictions.decided() == truth
    else:
        confidence, right = predictions.values.reshape(-1), truth.reshape(-1) > 0.5
    bins = np.clip(np.ceil(confidence * num_bins).astype(np.int64) - 1, 0, num_bins - 1)
    curve = []
    for number in np.unique(bins):
        inside = bins == number
        count = int(inside.sum())
        share = wilson_interval(float(right[inside].mean()), count)
        edges = number / num_bins, (number + 1) / num_bins
        curve.append(ReliabilityBin(*edges, count, float(confidence[inside].mean()), share))
    return tuple(curve)


def _logits(predictions: Predictions) -> np.ndarray:
    if predictions.kind not in ("classes", "labels"):
        raise ConfigError(
            f"calibration needs class or label probabilities, got {predictions.kind}."
        )
    clipped = np.clip(predictions.values, TINY, 1.0)
    if predictions.kind == "classes":
        return np.log(clipped)
    return np.log(clipped) - np.log(np.clip(1 - predictions.values, TINY, 1.0))


def _class_loss(logits: np.ndarray, targets: np.ndarray) -> float:
    top = logits.max(1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(1)) + top[:, 0]
    return float((total - logits[np.arange(len(targets)), targets]).mean())


def _label_loss(logits: np.ndarray, targets: np.ndarray) -> float:
    return float((np.logaddexp(0, logits) - targets * logits).sum(1).mean())


def _golden_section(cost, low: float, high: float) -> float:  # type: ignore[no-untyped-def]
    """Return the lowest point of a function with one valley."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    cost_left, cost_right = cost(left), cost(right)
    while high - low > 1e-4:
        if cost_left < cost_right:
            high, right, cost_right = right, left, cost_left
            left = high - _GOLDEN * (high - low)
            cost_left = cost(left)
        else:
            low, left, cost_left = left, right, cost_right
            right = low + _GOLDEN * (high - low)
            cost_right = cost(right)
    return (low + high) / 2
