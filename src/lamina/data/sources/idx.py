"""IDX files, the format of MNIST and its kin, compressed or not.

A folder with `train-images…` and `t10k-images…` gives rows of `image`, `label` and `split`; one
file of images gives `image`, and `label` where the file of labels lies beside it. Pictures are read
in pieces, so memory does not depend on their number.

Format: LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998), last section.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO, final

import numpy as np
import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.names import split_from_name
from lamina.data.sources.streams import COMPRESSED_SUFFIXES, open_bytes

ROWS_PER_PIECE = 4096
"""Most pictures read at a time."""
BYTES_PER_PIECE = 1 << 26
"""Most bytes read at a time, where that is more than one picture."""

LARGEST_PICTURE = 1 << 24
"""Most bytes of one picture; a header that claims more is damaged."""

_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A file of images, its labels and the part of the split it stands for."""

    images: Path
    labels: Path | None
    split: str | None


@final
class IdxSource(AbstractSource):
    """Pictures of one IDX file, or of all in a folder."""

    def __init__(self, path: Path, options: SourceOptions | None = None) -> None:
        del options  # the format leaves nothing to choose
        super().__init__("idx", str(path))
        files = find_idx(path) if path.is_dir() else [path]
        images = [file for file in files if _num_dims(file) > 1]
        if not images:
            raise DataError(f"{path} holds no IDX file of images, only labels. Give both files.")
        self._pairs = [self._pair(file, is_folder=path.is_dir()) for file in images]
        self._pairs.sort(key=lambda pair: (pair.split != "train", pair.images.name))
        self._num_rows = sum(_shape(pair.images)[0] for pair in self._pairs)

    def _pair(self, images: Path, *, is_folder: bool) -> _Pair:
        wanted = _labels_name(images.name)
        labels = next((p for p in sorted(images.parent.iterdir()) if _stem(p.name) == wanted), None)
        named = split_from_name(images.name)
        if is_folder and labels is None:
            raise DataError(
                f"{images} has no file of labels beside it; wanted {wanted!r} or the same with "
                ".gz. Give the images file itself to read it without labels."
            )
        if labels is not None and _shape(labels)[0] != _shape(images)[0]:
            raise DataError(
                f"{images.name} holds {_shape(images)[0]:,} images but {labels.name} holds "
                f"{_shape(labels)[0]:,} labels. Give files that belong together."
            )
        return _Pair(images, labels, named[1] if named and is_folder else None)

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for pair in self._pairs:
            with ExitStack() as stack:
                images = stack.enter_context(open_bytes(pair.images))
                image_type, shape = _header(images, pair.images)
                labels = stack.enter_context(open_bytes(pair.labels)) if pair.labels else None
                label_type = _header(labels, pair.labels)[0] if labels and pair.labels else ""
                step = max(1, min(ROWS_PER_PIECE, BYTES_PER_PIECE // prod(shape[1:])))
                for start in range(0, shape[0], step):
                    count = min(step, shape[0] - start)
                    values = _read(images, pair.images, image_type, (count, *shape[1:]))
                    columns = [pl.Series("image", values)]
                    if labels is not None and pair.labels is not None:
                        cells = _read(labels, pair.labels, label_type, (count,))
                        columns.append(pl.Series("label", cells.astype(np.int64)))
                    if pair.split:
                        columns.append(pl.Series("split", [pair.split] * count))
                    yield pl.DataFrame(columns)

    def _files(self) -> list[Path]:
        return [file for pair in self._pairs for file in (pair.images, pair.labels) if file]

    def _num_bytes(self) -> int:
        return sum(file.stat().st_size for file in self._files())

    def _compute_fingerprint(self) -> str:
        return hash_files(self._files())


def find_idx(folder: Path) -> list[Path]:
    """Return the IDX files that lie in a folder, ordered by name.

    Args:
        folder: The folder.
    """
    return sorted(path for path in folder.iterdir() if path.is_file() and is_idx(path))


def is_idx(path: Path) -> bool:
    """Return whether a file is named as IDX files are, such as "train-images-idx3-ubyte.gz".

    Args:
        path: The file.
    """
    return re.search(r"[-.]idx\d?(-u?byte)?$", _stem(path.name)) is not None


def _stem(name: str) -> str:
    for suffix in COMPRESSED_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _labels_name(images: str) -> str:
    return re.sub(r"idx\d", "idx1", _stem(images).replace("images", "labels"))


def _num_dims(path: Path) -> int:
    return len(_shape(path))


def _shape(path: Path) -> tuple[int, ...]:
    with open_bytes(path) as stream:
        return _header(stream, path)[1]


def _header(stream: BinaryIO, path: Path) -> tuple[str, tuple[int, ...]]:
    """Return the type and the shape that a file begins with."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES or not 1 <= magic[3] <= 4:
        raise DataError(
            f"{path} is no IDX file: it begins with {magic.hex(' ')!r}, wanted two zero bytes, a "
            "type and a number of dimensions. Copy or download it again."
        )
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise _cut(path)
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    if magic[3] > 1:
        _check_images(path, _TYPES[magic[2]], shape)
    return _TYPES[magic[2]], shape


def _check_images(path: Path, kind: str, shape: tuple[int, ...]) -> None:
    if kind != ">u1" or len(shape) == 2:
        raise DataError(
            f"{path} must hold images of unsigned bytes, got type {kind} of shape {list(shape)}."
        )
    if not 0 < prod(shape[1:]) <= LARGEST_PICTURE:
        raise DataError(
            f"{path} claims images of size {list(shape[1:])}, which cannot be right. Copy or "
            "download it again."
        )


def _read(stream: BinaryIO, path: Path, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    size = prod(shape) * np.dtype(kind).itemsize
    data = stream.read(size)
    if len(data) < size:
        raise _cut(path)
    return np.frombuffer(data, kind).reshape(shape).astype(np.dtype(kind).newbyteorder("="))


def _cut(path: Path) -> DataError:
    return DataError(f"{path} ends before all its values. Copy or download it again.")
