"""Rows taken out of a source: those that modalities are fitted on, and any others by number."""

import io
from collections.abc import Iterable

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.random import sample_uniform

FIT_ROWS = 200_000
"""Most training rows that the state of the modalities is learnt from."""

_TOGETHER = 1 << 15


def fit_rows(train: Tensor, *, seed: int, max_rows: int = FIT_ROWS) -> Tensor:
    """Return the training rows that modalities are fitted on, in rising order.

    A pure function of seed and row numbers, so that memory and streaming give the same state.

    Args:
        train: int64, row numbers of the training rows.
        seed: The seed of the run.
        max_rows: Most rows to take.
    """
    if len(train) > max_rows:
        # Numbers for all rows take a lot of memory: the first digits say which rows are likely.
        pieces = train.split(_TOGETHER)
        early = torch.cat([sample_uniform(seed, "fit rows", 0, p, 1)[:, 0] for p in pieces])
        bound = 2.0 * max_rows / len(train)
        while int((early < bound).sum()) < max_rows:
            bound *= 2.0
        train = train[early < bound]
        keys = sample_uniform(seed, "fit rows", 0, train, 2).to(torch.float64)
        order = torch.argsort(keys[:, 0] + keys[:, 1] / (1 << 24), stable=True)
        train = train[order[:max_rows]]
    return train.sort().values


def gather_rows(frames: Iterable[pl.DataFrame], rows: Tensor) -> pl.DataFrame:
    """Return some rows of frames that are read one after the other.

    Args:
        frames: The frames of a source, in order.
        rows: int64, row numbers over all frames, in rising order.
    """
    numbers = rows.numpy()
    parts = []
    start = 0
    for frame in frames:
        first, last = np.searchsorted(numbers, [start, start + frame.height])
        parts.append(detached(frame[numbers[first:last] - start]))
        start += frame.height
    if not parts:
        raise DataError("the source has no rows.")
    return pl.concat(parts, how="vertical_relaxed")


def detached(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the same cells in memory of their own.

    A few texts taken out of a frame keep all texts of that frame in memory.

    Args:
        frame: Some rows of a larger frame.
    """
    if all(kind.is_numeric() or kind.is_temporal() for kind in frame.dtypes):
        return frame
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    buffer.seek(0)
    return pl.read_ipc(buffer)
