"""Metrics of class probabilities.

Every function takes `weights` of shape [..., rows] and answers with shape [...], so that resamples
cost one call. A sample with one class only gives NaN where the metric says nothing about it.

Source: named at each function. Differs: own vectorised NumPy code, equal to scikit-learn where
that library has the metric, except that it never raises or warns on degenerate samples.
"""

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.ranking import (
    auc_influence,
    average_precision_influence,
    binary_auc,
    binary_average_precision,
)
from lamina.evaluation.weights import group_sums, mean_defined, ratio, row_weights, weighted_mean

NUM_BINS = 15
"""Bins of the expected calibration error, as in Guo et al. 2017."""


def accuracy(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of rows whose most probable class is the right one.

    Args:
        predictions: Class probabilities.
        targets: int [rows].
        weights: [..., rows].

    Source:
        Textbook.
    """
    weights = row_weights(weights, predictions.num_rows)
    return weighted_mean(weights, predictions.decided() == targets)


def balanced_accuracy(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean recall over the classes that occur.

    Args:
        predictions: Class probabilities.
        targets: int [rows].
        weights: [..., rows].

    Returns:
        NaN where fewer than two classes occur.

    Source:
        Brodersen et al. 2010, "The balanced accuracy and its posterior distribution".
    """
    hits, _, support = _counts(predictions, targets, weights)
    mean = mean_defined(ratio(hits, support))
    return np.where((support > 0).sum(-1) < 2, np.nan, mean)


def macro_f1(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean over classes of the harmonic mean of precision and recall.

    Args:
        predictions: Class probabilities.
        targets: int [rows].
        weights: [..., rows].

    Returns:
        Mean over the classes that occur or are answered.

    Source:
        van Rijsbergen 1979, "Information Retrieval", chapter 7; macro average.
    """
    hits, answered, support = _counts(predictions, targets, weights)
    return mean_defined(ratio(2 * hits, answered + support))


def matthews_correlation(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Correlation of answered and true classes, in [-1, 1]; 0 for a constant answer.

    Args:
        predictions: Class probabilities.
        targets: int [rows].
        weights: [..., rows].

    Returns:
        NaN where fewer than two classes occur.

    Source:
        Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation
        coefficient".
    """
    hits, answered, support = _counts(predictions, targets, weights)
    rows = support.sum(-1)
    covariance = hits.sum(-1) * rows - (answered * support).sum(-1)
    spread_answered = rows**2 - (answered**2).sum(-1)
    spread_true = rows**2 - (support**2).sum(-1)
    value = ratio(covariance, np.sqrt(spread_answered * spread_true), empty=0.0)
    return np.where(spread_true == 0, np.nan, value)


def log_loss(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean negative logarithm of the probability given to the true class.

    Args:
        predictions: Class probabilities; each row is normalised.
        targets: int [rows].
        weights: [..., rows].

    Units:
        Nats.

    Source:
        Good 1952, "Rational decisions".
    """
    weights = row_weights(weights, predictions.num_rows)
    totals = predictions.values.sum(1)
    chosen = predictions.values[np.arange(predictions.num_rows), targets]
    tiny = np.finfo(np.float64).eps
    share = np.clip(ratio(chosen, totals, empty=0.0), tiny, 1 - tiny)
    return weighted_mean(weights, -np.log(share))


def brier(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean squared distance between probabilities and the truth.

    Args:
        predictions: Class probabilities.
        targets: int [rows].
        weights: [..., rows].

    Returns:
        In [0, 1] for two classes (half of Brier's sum, as is usual), in [0, 2] for more.

    Source:
        Brier 1950, "Verification of forecasts expressed in terms of probability".
    """
    weights = row_weights(weights, predictions.num_rows)
    squares = (predictions.values**2).sum(1)
    chosen = predictions.values[np.arange(predictions.num_rows), targets]
    distance = squares - 2 * chosen + 1
    return weighted_mean(weights, distance / 2 if predictions.num_columns == 2 else distance)


def roc_auc(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Area under the ROC curve; with more than two classes the mean of one against the rest.

    Args:
        predictions: Class probabilities.
        targets: int [rows].
        weights: [..., rows].

    Returns:
        Mean over the classes that have rows inside and outside; NaN where there is none.

    Source:
        Hanley and McNeil 1982; one against the rest, unweighted mean.
    """
    return _over_columns(binary_auc, predictions, targets, weights)


def average_precision(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Average precision; with more than two classes the mean of one against the rest.

    Args:
        predictions: Class probabilities; of two classes, the second is the positive one.
        targets: int [rows].
        weights: [..., rows].

    Returns:
        Mean over the classes that occur; NaN for a sample with one class.

    Source:
        Step-wise sum over recall, as in scikit-learn.
    """
    support = group_sums(
        row_weights(weights, predictions.num_rows), targets, predictions.num_columns
    )
    value = _over_columns(binary_average_precision, predictions, targets, weights)
    return np.where((support > 0).sum(-1) < 2, np.nan, value)


def calibration_error(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Expected calibration error: mean gap between confidence and accuracy over 15 equal bins.

    Args:
        predictions: Class probabilities.
        targets: int [rows].
        weights: [..., rows].

    Source:
        Naeini et al. 2015; Guo et al. 2017, "On calibration of modern neural networks", eq. 3.
    """
    weights = row_weights(weights, predictions.num_rows)
    confidence = predictions.values.max(1)
    bins = np.clip(np.ceil(confidence * NUM_BINS).astype(np.int64) - 1, 0, NUM_BINS - 1)
    gaps = np.zeros((predictions.num_rows, NUM_BINS))
    hits = predictions.decided() == targets
    gaps[np.arange(predictions.num_rows), bins] = hits - confidence
    return ratio(np.abs(weights @ gaps).sum(-1), weights.sum(-1))


def roc_auc_influence(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    """Derivative of `roc_auc` by the weight of each row, float64 [rows].

    Args:
        predictions: Class probabilities.
        targets: int [rows].

    Source:
        DeLong, DeLong and Clarke-Pearson 1988.
    """
    columns = [
        auc_influence(predictions.values[:, column], targets == column)
        for column in _columns(predictions)
    ]
    return mean_defined(np.stack(columns, -1))


def average_precision_derivative(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    """Derivative of `average_precision` by the weight of each row, float64 [rows].

    Args:
        predictions: Class probabilities.
        targets: int [rows].

    Source:
        Our own differentiation of the step-wise sum.
    """
    columns = [
        average_precision_influence(predictions.values[:, column], targets == column)
        for column in _columns(predictions)
    ]
    return mean_defined(np.stack(columns, -1))


def _counts(
    predictions: Predictions, targets: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hits, answers and true rows per class, each [..., classes]."""
    weights = row_weights(weights, predictions.num_rows)
    answers, num_classes = predictions.decided(), predictions.num_columns
    hits = group_sums(weights, np.where(answers == targets, targets, -1), num_classes)
    return (
        hits,
        group_sums(weights, answers, num_classes),
        group_sums(weights, targets, num_classes),
    )


def _columns(predictions: Predictions) -> range:
    return range(1, 2) if predictions.num_columns == 2 else range(predictions.num_columns)


def _over_columns(  # type: ignore[no-untyped-def]
    function, predictions: Predictions, targets: np.ndarray, weights: np.ndarray | None
) -> np.ndarray:
    weights = row_weights(weights, predictions.num_rows)
    columns = [
        function(predictions.values[:, column], targets == column, weights)
        for column in _columns(predictions)
    ]
    return mean_defined(np.stack(columns, -1))
