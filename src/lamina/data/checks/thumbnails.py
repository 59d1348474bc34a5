"""Pictures at 16 by 16 grey levels: enough to see that two are the same, or that one is broken."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

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


def thumbnails_of(cells: pl.Series, rows: np.ndarray) -> Thumbnails:
    """Return small versions of some pictures.

    Args:
        cells: Paths, encoded bytes, or arrays.
        rows: Which rows; those beyond 40 MB of encoded bytes are left out.
    """
    if isinstance(cells.dtype, pl.Array):
        values = _small_arrays(cells.gather(rows).to_numpy())
        return Thumbnails(cells.name, rows, values, (), len(rows))
    good, values_list, broken, spent, tried = [], [], [], 0, 0
    for row, cell in zip(rows.tolist(), cells.gather(rows).to_list(), strict=True):
        if cell is None:
            continue
        tried += 1
        try:
            spent += len(cell) if isinstance(cell, bytes) else Path(cell).stat().st_size
            values_list.append(_small(cell))
            good.append(row)
        except Exception as error:  # decoders raise whatever foreign bytes lead them to
            broken.append((row, str(error).split("\n")[0][:120] or type(error).__name__))
        if spent > _MAX_BYTES:
            break
    values = np.stack(values_list) if values_list else np.zeros((0, SIZE * SIZE), np.float32)
    return Thumbnails(cells.name, np.array(good, dtype=np.int64), values, tuple(broken), tried)


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
    if values.ndim == 4:
        is_first = values.shape[1] in (1, 3, 4) and values.shape[3] not in (1, 3, 4)
        values = values.mean(1 if is_first else 3, dtype=np.float32)
    rows, height, width = values.shape
    down = np.unique(np.linspace(0, height, SIZE, endpoint=False).astype(np.int64))
    across = np.unique(np.linspace(0, width, SIZE, endpoint=False).astype(np.int64))
    sums = np.add.reduceat(values.astype(np.float32), down, axis=1)
    sums = np.add.reduceat(sums, across, axis=2)
    area = np.diff(np.append(down, height))[:, None] * np.diff(np.append(across, width))
    return (sums / area).reshape(rows, -1)
