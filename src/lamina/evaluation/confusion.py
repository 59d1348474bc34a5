"""Which classes are taken for which."""

import numpy as np

from lamina.core.errors import ConfigError
from lamina.evaluation.predictions import Predictions, check_targets


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
