"""Rows of about one length together: what is padded to the longest is computed for nothing."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

LEAST_ROWS = 16
"""Rows of a group, as far as there are so many: a call of a graph costs time of its own."""

MOST_PADDING = 1.1
"""The longest row of a larger group is at most so many times as long as its shortest."""


def groups(
    inputs: Mapping[str, np.ndarray], padded: Sequence[str]
) -> Iterator[tuple[np.ndarray | None, Mapping[str, np.ndarray]]]:
    """Yield rows of about one length, without the padding that none of them needs.

    Args:
        inputs: Arrays by name, rows first.
        padded: Names of those that are padded behind the end of a row, [rows, length, ...]: whole
            numbers with 0, others with NaN.

    Yields:
        Row numbers, int64, and the arrays of these rows; None and all arrays where one group is
        as good.
    """
    num_rows = len(inputs[padded[0]]) if padded else 0
    if num_rows < 2 * LEAST_ROWS:
        yield None, inputs
        return
    lengths = {name: _lengths(inputs[name]) for name in padded}
    total = np.sum([*lengths.values()], axis=0)
    if total.max() <= max(1, total.min()) * MOST_PADDING:
        yield None, inputs
        return
    order = np.argsort(total, kind="stable")
    for rows in _cut(order, total[order]):
        own = {name: value[rows] for name, value in inputs.items()}
        for name in padded:
            own[name] = own[name][:, : max(1, int(lengths[name][rows].max()))]
        yield rows, own


def _lengths(values: np.ndarray) -> np.ndarray:
    """Return up to where each row holds anything, int64 [rows]."""
    is_real = ~np.isnan(values) if values.dtype.kind == "f" else values != 0
    if values.ndim > 2:
        is_real = is_real.any(axis=tuple(range(2, values.ndim)))
    behind = is_real[:, ::-1].argmax(axis=1)
    return np.where(is_real.any(axis=1), values.shape[1] - behind, 0)


def _cut(order: np.ndarray, lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the parts of an ascending order in which lengths differ little."""
    start = 0
    while start < len(order):
        most = max(1, lengths[start]) * MOST_PADDING
        stop = max(int(np.searchsorted(lengths, most, side="right")), start + LEAST_ROWS)
        if len(order) - stop < LEAST_ROWS:
            stop = len(order)
        yield order[start:stop]
        start = stop
