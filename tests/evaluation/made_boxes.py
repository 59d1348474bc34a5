"""Boxes of pictures, right and wrong ones, for tests of figures of quality."""

import numpy as np

from lamina.evaluation.predictions import Predictions


def boxes(num_rows: int = 40, *, seed: int = 11) -> tuple[Predictions, np.ndarray]:
    """Return found boxes of three classes, near the true ones or not, and the true ones."""
    rng = np.random.default_rng(seed)
    targets = np.full((num_rows, 6, 5), -1.0)
    candidates = np.zeros((num_rows, 12, 6))
    for row in range(num_rows):
        count = int(rng.integers(0, 7))
        corner, size = rng.uniform(0, 200, (count, 2)), rng.uniform(20, 60, (count, 2))
        targets[row, :count, 0] = rng.integers(0, 3, count)
        targets[row, :count, 1:] = np.concatenate([corner, corner + size], axis=1)
        for place in range(12):
            near = targets[row, rng.integers(0, count)] if count and rng.random() < 0.7 else None
            if near is None:
                low = rng.uniform(0, 200, 2)
                own = np.concatenate([[rng.integers(0, 3)], low, low + rng.uniform(20, 60, 2)])
            else:
                own = near + np.concatenate([[0], rng.normal(0, 4, 4)])
            score = rng.uniform(0.05, 1.0) if near is None else rng.uniform(0.3, 1.0)
            candidates[row, place] = (own[0], score, *own[1:])
    logits = np.zeros((num_rows, 3))
    values = np.concatenate([logits, candidates.reshape(num_rows, -1)], axis=1)
    return Predictions("boxes", values, num_classes=3), targets


def perfect_boxes(targets: np.ndarray) -> np.ndarray:
    """Return the values of answers that are right."""
    sure = (targets[..., :1] >= 0).astype(np.float64)
    candidates = np.concatenate([targets[..., :1], sure, targets[..., 1:]], axis=2)
    return np.concatenate(
        [np.zeros((len(targets), 3)), candidates.reshape(len(targets), -1)], axis=1
    )
