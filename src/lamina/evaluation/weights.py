"""Sums under row weights: what makes a thousand resamples one matrix operation.

A bootstrap resample is nothing but a count per row, so every metric takes weights of shape
[..., rows] and answers with shape [...]. Weights of one give the plain metric.
"""

import numpy as np


def row_weights(weights: np.ndarray | None, num_rows: int) -> np.ndarray:
    """Return the weights, or ones.

    Args:
        weights: [..., rows], or None.
        num_rows: How many rows there are.
    """
    return np.ones(num_rows) if weights is None else weights


def ratio(numerator: np.ndarray, denominator: np.ndarray, *, empty: float = np.nan) -> np.ndarray:
    """Return a quotient, with a stated value where the denominator is zero.

    Args:
        numerator: Any shape.
        denominator: The same shape, or one that broadcasts.
        empty: Value for a denominator of zero.
    """
    zero = denominator == 0
    return np.where(zero, empty, numerator / np.where(zero, 1.0, denominator))


def weighted_mean(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the mean of one value per row.

    Args:
        weights: [..., rows].
        values: [rows].
    """
    return ratio(weights @ values.astype(np.float64), weights.sum(-1))


def group_sums(weights: np.ndarray, codes: np.ndarray, num_groups: int) -> np.ndarray:
    """Return the weight in each group of rows.

    Args:
        weights: [..., rows].
        codes: Group of each row, int [rows]; negative for none.
        num_groups: How many groups there are.

    Returns:
        float64 [..., groups].
    """
    result = np.zeros((*weights.shape[:-1], num_groups))
    order = np.argsort(codes, kind="stable")
    order = order[np.searchsorted(codes[order], 0) :]
    if order.size:
        present, starts = np.unique(codes[order], return_index=True)
        result[..., present] = np.add.reduceat(weights[..., order], starts, axis=-1)
    return result


def mean_defined(values: np.ndarray) -> np.ndarray:
    """Return the mean over the last dimension of what is not NaN; NaN where nothing is.

    Args:
        values: [..., columns].
    """
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0).sum(-1), defined.sum(-1))
