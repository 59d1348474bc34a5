"""What a forecaster sees of series that were laid out: written once, for training and running."""

import numpy as np

MOST_LEVELS = 20
"""Levels of a category that a forecaster tells apart; rarer ones count as none."""


def one_hot(ids: np.ndarray, counts: tuple[int, ...]) -> np.ndarray:
    """Return ids of levels as numbers, a column for each level but 0, float32 [rows, levels].

    Args:
        ids: int64 [rows, columns], 0 where missing or unseen.
        counts: Levels of each column that are told apart, as `told_apart` gives them.
    """
    parts = [np.zeros((len(ids), 0), dtype=np.float32)]
    for place, count in enumerate(counts):
        levels = np.arange(1, count + 1)
        parts.append((ids[:, place, None] == levels).astype(np.float32))
    return np.concatenate(parts, axis=1)


def told_apart(cardinality: int) -> int:
    """Return how many levels of a category are told apart.

    Args:
        cardinality: Its ids, the 0 included.
    """
    return min(cardinality - 1, MOST_LEVELS)


def last_known(is_known: np.ndarray, series: np.ndarray, num_series: int) -> np.ndarray:
    """Return the last known place of each series that has one, int64, in the order of the series.

    Args:
        is_known: bool [places], where a target is known.
        series: int64 [places], the series of each place.
        num_series: How many there are.
    """
    places = np.flatnonzero(is_known)
    last = np.full(num_series, -1, dtype=np.int64)
    last[series[places]] = places
    return last[last >= 0]
