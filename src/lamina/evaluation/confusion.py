"""Which classes are taken for which."""

from dataclasses import dataclass

import numpy as np

from lamina.core.errors import ConfigError
from lamina.evaluation.predictions import Predictions, check_targets


@dataclass(frozen=True, slots=True)
class Confusion:
    """One class taken for another."""

    true: int
    """Number of the true class."""
    answered: int
    """Number of the class answered."""
    num_rows: int
    """How often."""
    share: float
    """Of the rows of the true class."""


def confusion_matrix(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    """Return counts, int64 [classes, classes]: true classes down, answered classes across.

    Args:
        predictions: Class probabilities.
        targets: int [rows].

    Raises:
        ConfigError: The predictions are no classes.
        DataError: The shapes disagree.

    Source:
        Textbook.
    """
    if predictions.kind != "classes":
        raise ConfigError(f"a confusion matrix needs class predictions, got {predictions.kind}.")
    truth = check_targets(predictions, targets)
    size = predictions.num_columns
    cells = np.bincount(truth * size + predictions.decided(), minlength=size * size)
    return cells.reshape(size, size).astype(np.int64)


def top_confusions(matrix: np.ndarray, *, count: int = 10) -> tuple[Confusion, ...]:
    """Return the most frequent confusions, the most frequent first.

    Args:
        matrix: From `confusion_matrix`.
        count: How many at most.
    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong.reshape(-1), kind="stable")[:count]
    result = []
    for cell in order:
        true, answered = divmod(int(cell), len(matrix))
        rows = int(wrong[true, answered])
        if rows:
            result.append(Confusion(true, answered, rows, rows / int(matrix[true].sum())))
    return tuple(result)
