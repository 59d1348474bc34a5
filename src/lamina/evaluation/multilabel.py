"""Metrics of label probabilities, where a row may carry any number of labels.

Source: Tsoumakas and Katakis 2007, "Multi-label classification: an overview"; names and averages as
in scikit-learn, to which the values are equal. A label is answered from a probability of 0.5.
"""

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.ranking import average_precision_influence, binary_average_precision
from lamina.evaluation.weights import mean_defined, ratio, row_weights, weighted_mean


def micro_f1(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """F1 over all pairs of row and label.

    Args:
        predictions: Label probabilities.
        targets: 0/1 [rows, labels].
        weights: [..., rows].

    Source:
        Tsoumakas and Katakis 2007.
    """
    hits, answered, true = _counts(predictions, targets, weights)
    return ratio(2 * hits.sum(-1), answered.sum(-1) + true.sum(-1), empty=0.0)


def macro_label_f1(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean F1 over labels; 0 for a label that neither occurs nor is answered.

    Args:
        predictions: Label probabilities.
        targets: 0/1 [rows, labels].
        weights: [..., rows].

    Source:
        Tsoumakas and Katakis 2007.
    """
    hits, answered, true = _counts(predictions, targets, weights)
    return ratio(2 * hits, answered + true, empty=0.0).mean(-1)


def subset_accuracy(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of rows with every label right.

    Args:
        predictions: Label probabilities.
        targets: 0/1 [rows, labels].
        weights: [..., rows].

    Source:
        Tsoumakas and Katakis 2007.
    """
    weights = row_weights(weights, predictions.num_rows)
    return weighted_mean(weights, (predictions.decided() == targets).all(1))


def hamming_loss(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of wrong pairs of row and label.

    Args:
        predictions: Label probabilities.
        targets: 0/1 [rows, labels].
        weights: [..., rows].

    Source:
        Schapire and Singer 1999, "Improved boosting algorithms".
    """
    weights = row_weights(weights, predictions.num_rows)
    return weighted_mean(weights, (predictions.decided() != targets).mean(1))


def mean_average_precision(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean average precision over the labels that occur.

    Args:
        predictions: Label probabilities.
        targets: 0/1 [rows, labels].
        weights: [..., rows].

    Source:
        Everingham et al. 2010, "The Pascal visual object classes challenge"; step-wise sum.
    """
    weights = row_weights(weights, predictions.num_rows)
    columns = [
        binary_average_precision(predictions.values[:, label], targets[:, label] > 0.5, weights)
        for label in range(predictions.num_columns)
    ]
    return mean_defined(np.stack(columns, -1))


def mean_average_precision_influence(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    """Derivative of `mean_average_precision` by the weight of each row, float64 [rows].

    Args:
        predictions: Label probabilities.
        targets: 0/1 [rows, labels].

    Source:
        Our own differentiation of the step-wise sum.
    """
    columns = [
        average_precision_influence(predictions.values[:, label], targets[:, label] > 0.5)
        for label in range(predictions.num_columns)
    ]
    return mean_defined(np.stack(columns, -1))


def _counts(
    predictions: Predictions, targets: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    weights = row_weights(weights, predictions.num_rows)
    answers, truth = predictions.decided().astype(np.float64), targets.astype(np.float64)
    return weights @ (answers * truth), weights @ answers, weights @ truth
