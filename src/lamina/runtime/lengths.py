"""Texts of about one length together: what is padded to the longest is computed for nothing."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

LEAST_ROWS = 16
"""Rows of a group, as far as there are so many: a call of a graph costs time of its own."""

MOST_PADDING = 1.1
"""The longest text of a larger group is at most so many times as long as its shortest."""


def groups(
    inputs: Mapping[str, np.ndarray], texts: Sequence[str]
) -> Iterator[tuple[np.ndarray | None, Mapping[str, np.ndarray]]]:
    """Yield rows that hold texts of about one length, without the padding that none of them needs.

    Args:
        inputs: Arrays by name, rows first.
        texts: Names of those that are token ids, int64 [rows, length], padded at the end with 0.

    Yields:
        Row numbers, int64, and the arrays of these rows; None and all arrays where one group is
        as good.
    """
    num_rows = len(inputs[texts[0]]) if texts else 0
    if num_rows < 2 * LEAST_ROWS:
        yield None, inputs
        return
    lengths = {name: np.count_nonzero(inputs[name], axis=1) for name in texts}
    total = np.sum([*lengths.values()], axis=0)
    order = np.argsort(total, kind="stable")
    for rows in _cut(order, total[order]):
        own = {name: value[rows] for name, value in inputs.items()}
        for name in texts:
            own[name] = own[name][:, : max(1, int(lengths[name][rows].max()))]
        yield rows, own


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
