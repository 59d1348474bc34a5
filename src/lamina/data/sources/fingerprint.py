"""SHA-256 of values and of files, in pieces.

The hash of values depends on names, types and cells only: not on how a frame is cut into pieces
of a stream of equal size, nor on the version of the frame library (whose own row hashes change
between versions and are therefore not used).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from lamina.core.files import sha256_of


def hash_frames(frames: Iterable[pl.DataFrame]) -> str:
    """Return the SHA-256 of the values of frames that follow one another.

    Args:
        frames: Frames with the same columns; pieces must be cut at the same rows to be comparable.
    """
    digest = hashlib.sha256()
    for frame in frames:
        for column in frame.iter_columns():
            digest.update(json.dumps([column.name, str(column.dtype), len(column)]).encode())
            digest.update(np.packbits(column.is_null().to_numpy()).tobytes())
            digest.update(_value_bytes(column))
    return digest.hexdigest()


def hash_files(paths: Sequence[Path], *, root: Path | None = None) -> str:
    """Return the SHA-256 of the contents of files, in order.

    One file gives the plain hash of its content, as `sha256sum` does. Several give the hash of
    their names (relative to `root`) and hashes.

    Args:
        paths: The files.
        root: Folder that the names are relative to, so that a moved folder keeps its hash.
    """
    if len(paths) == 1 and root is None:
        return sha256_of(paths[0])
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(root).as_posix() if root else path.name
        digest.update(f"{sha256_of(path)}  {name}\n".encode())
    return digest.hexdigest()


def hash_texts(texts: Sequence[str]) -> str:
    """Return the SHA-256 of several texts, such as the fingerprints of parts.

    Args:
        texts: The texts, in order.
    """
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _value_bytes(column: pl.Series) -> bytes:
    kind = column.dtype
    if kind == pl.String:
        return _joined([text.encode() for text in column.fill_null("").to_list()])
    if kind == pl.Binary:
        return _joined(column.fill_null(b"").to_list())
    if kind.is_temporal():
        column = column.to_physical()
    if kind.is_nested():
        if isinstance(kind, pl.Array) and not column.null_count():
            return np.ascontiguousarray(column.to_numpy()).tobytes()
        return json.dumps(column.to_list(), default=str).encode()
    if column.dtype == pl.Boolean:
        return np.packbits(column.fill_null(value=False).to_numpy()).tobytes()
    return np.ascontiguousarray(column.fill_null(0).to_numpy()).tobytes()


def _joined(values: list[bytes]) -> bytes:
    lengths = np.fromiter((len(value) for value in values), dtype="<u8", count=len(values))
    return lengths.tobytes() + b"".join(values)
