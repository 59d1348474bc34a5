"""Pictures at 16 by 16 grey levels: enough to see that two are the same, or that one is broken."""

import hashlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from lamina.core.random import permutation
from lamina.data.channels import channels_last

SIZE = 16
"""Pixels along each side."""

_MAX_BYTES = 40_000_000
_MAX_PIXELS = 64_000_000


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Some pictures of a column, small."""

    column: str
    """The column."""
    rows: np.ndarray
    """int64 [pictures], rows that could be decoded."""
    values: np.ndarray
    """float32 [pictures, 256], grey levels in [0, 255]."""
    broken: tuple[tuple[int, str], ...]
    """Rows that could not be decoded, and why."""
    num_tried: int
    """Rows looked at."""
    num_left_out: int = 0
    """Rows not looked at, since their pictures have too many bytes together."""


def thumbnails_of(cells: pl.Series, rows: np.ndarray, *, seed: int = 0) -> Thumbnails:
    """Return small versions of some pictures.

    Args:
        cells: Paths, encoded bytes, or arrays.
        rows: Which rows; where they have more than 40 MB of encoded bytes, some drawn of them.
        seed: Seed of the run.
    """
    if isinstance(cells.dtype, pl.Array):
        values = _small_arrays(cells.gather(rows).to_numpy())
        return Thumbnails(cells.name, rows, values, (), len(rows))
    wanted = cells.gather(rows)
    rows = rows[wanted.is_not_null().to_numpy()]
    tried = _affordable(wanted.drop_nulls().to_list(), seed)
    good, values_list, broken = [], [], []
    for row, cell in zip(rows[tried].tolist(), cells.gather(rows[tried]).to_list(), strict=True):
        try:
            values_list.append(_small(cell))
            good.append(row)
        except Exception as error:  # decoders raise whatever foreign bytes lead them to
            broken.append((row, str(error).split("\n")[0][:120] or type(error).__name__))
    values = np.stack(values_list) if values_list else np.zeros((0, SIZE * SIZE), np.float32)
    kept, num_left_out = np.array(good, dtype=np.int64), len(rows) - len(tried)
    return Thumbnails(cells.name, kept, values, tuple(broken), len(tried), num_left_out)


def joined(parts: Sequence[Thumbnails]) -> Thumbnails:
    """Return the thumbnails of several parts of one column.

    Args:
        parts: At least one.
    """
    return Thumbnails(
        parts[0].column,
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.values for part in parts]),
        tuple(problem for part in parts for problem in part.broken),
        sum(part.num_tried for part in parts),
        sum(part.num_left_out for part in parts),
    )


def content_keys(cells: pl.Series, rows: np.ndarray) -> list[str | None]:
    """Return what tells two pictures apart byte by byte; None where one cannot be read.

    Args:
        cells: Paths, encoded bytes, or arrays.
        rows: Which rows.
    """
    if isinstance(cells.dtype, pl.Array):
        values = cells.gather(rows).to_numpy()
        return [hashlib.blake2b(v.tobytes(), digest_size=12).hexdigest() for v in values]
    keys: list[str | None] = []
    for cell in cells.gather(rows).to_list():
        try:
            data = cell if isinstance(cell, bytes) else Path(cell).read_bytes()
            keys.append(hashlib.blake2b(data, digest_size=12).hexdigest())
        except (OSError, TypeError, ValueError):
            keys.append(None)
    return keys


def _affordable(cells: list[str | bytes], seed: int) -> np.ndarray:
    """Return places in rising order, drawn at random, of pictures that are not too many bytes."""
    sizes = np.array([_size(cell) for cell in cells], dtype=np.int64)
    order = permutation(seed, "thumbnails", 0, len(cells)).numpy()
    spent_before = np.cumsum(sizes[order]) - sizes[order]
    return np.sort(order[spent_before <= _MAX_BYTES])


def _size(cell: str | bytes) -> int:
    try:
        return len(cell) if isinstance(cell, bytes) else Path(cell).stat().st_size
    except (OSError, TypeError, ValueError):
        return 0  # why it cannot be read is told when it is opened


def _small(cell: str | bytes) -> np.ndarray:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(cell) if isinstance(cell, bytes) else cell) as picture:
            width, height = picture.size
            if width * height > _MAX_PIXELS:
                raise ValueError(f"{width} × {height} pixels are too many")
            picture.draft("L", (2 * SIZE, 2 * SIZE))
            grey = picture.convert("L").resize((SIZE, SIZE), Image.Resampling.BOX)
    return np.asarray(grey, dtype=np.float32).reshape(-1)


def _small_arrays(values: np.ndarray) -> np.ndarray:
    """Return arrays [rows, height, width(, channels)] as [rows, 256], by means over a grid."""
    values = channels_last(values)
    if values.ndim == 4:
        values = values.mean(3, dtype=np.float32)
    rows, height, width = values.shape
    down = np.unique(np.linspace(0, height, SIZE, endpoint=False).astype(np.int64))
    across = np.unique(np.linspace(0, width, SIZE, endpoint=False).astype(np.int64))
    sums = np.add.reduceat(values.astype(np.float32), down, axis=1)
    sums = np.add.reduceat(sums, across, axis=2)
    area = np.diff(np.append(down, height))[:, None] * np.diff(np.append(across, width))
    return (sums / area).reshape(rows, area.size)
