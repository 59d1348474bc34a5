"""NumPy arrays: `.npy` and `.npz` files, and mappings of arrays in memory.

An array of shape [rows] is one column; [rows, p] becomes columns `name_0` … `name_{p-1}`; bytes in
three or four dimensions are pictures. Names such as `x_train`, `y_test` or `train_images` give the
part of the split. Nothing is ever unpickled. Arrays inside a `.npz` are streamed, so memory does
not grow with them.

Format: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, cast, final

import numpy as np
import polars as pl

from lamina.core.errors import DataError
from lamina.data.channels import channels_last
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.names import split_from_name
from lamina.data.sources.streams import missing

ROWS_PER_PIECE = 4096
"""Rows turned into columns at a time."""
WIDEST = 100_000
"""Most columns that a matrix may have."""


@dataclass(frozen=True, slots=True)
class _Array:
    """An array that can be gone through in pieces."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    pieces: Callable[[], Iterator[np.ndarray]]


@dataclass(frozen=True, slots=True)
class _Group:
    """Arrays of equal length that stand side by side, as pairs of column and array."""

    split: str | None
    members: tuple[tuple[str, _Array], ...]


@final
class ArraySource(AbstractSource):
    """Rows of arrays that stand side by side."""

    def __init__(
        self, arrays: Mapping[str, Any] | Path, options: SourceOptions | None = None
    ) -> None:
        del options  # arrays leave nothing to choose
        self._path = arrays if isinstance(arrays, Path) else None
        super().__init__("arrays", str(arrays) if self._path else "NumPy arrays")
        if isinstance(arrays, Path):
            self._arrays = _open_file(arrays)
        else:
            self._arrays = {str(name): _in_memory(str(name), a) for name, a in arrays.items()}
        if not self._arrays:
            raise DataError(f"{self.location} holds no arrays. Give at least one.")
        for name, array in self._arrays.items():
            _check(name, array)
        self._groups = _group(self._arrays)
        self._num_rows = sum(group.members[0][1].shape[0] for group in self._groups)

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for group in self._groups:
            names = [name for name, _ in group.members]
            try:
                for pieces in zip(*(array.pieces() for _, array in group.members)):
                    columns = [c for n, piece in zip(names, pieces) for c in _columns(n, piece)]
                    if group.split:
                        columns.append(pl.Series("split", [group.split] * len(pieces[0])))
                    yield pl.DataFrame(columns)
            except (EOFError, zipfile.BadZipFile, zlib.error, OSError) as error:
                raise DataError(f"{self.location} is damaged ({error}). Write it anew.") from error

    def _num_bytes(self) -> int:
        if self._path:
            return self._path.stat().st_size
        return sum(prod(array.shape) * array.dtype.itemsize for array in self._arrays.values())

    def _compute_fingerprint(self) -> str:
        return hash_files([self._path]) if self._path else super()._compute_fingerprint()


def _in_memory(name: str, values: Any) -> _Array:
    array = np.asarray(values)
    if array.dtype == object:
        if not all(isinstance(cell, str) for cell in array.flat):
            raise DataError(
                f"array {name!r} holds Python objects. Give numbers, truth values or strings."
            )
        array = array.astype(np.str_)
    return _Array(array.shape, array.dtype, lambda: _slices(array))


def _slices(array: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(array), ROWS_PER_PIECE):
        yield np.asarray(array[start : start + ROWS_PER_PIECE])


def _open_file(path: Path) -> dict[str, _Array]:
    """Return the arrays of a file by name, without reading their values."""
    if not path.exists():
        raise DataError(missing(path))
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                members = [name for name in archive.namelist() if name.endswith(".npy")]
            return {name.removesuffix(".npy"): _in_archive(path, name) for name in members}
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read as NumPy arrays ({error}). Save plain arrays of numbers or "
            "strings with numpy.save or numpy.savez."
        ) from error
    return {"x": _Array(mapped.shape, mapped.dtype, lambda: _slices(mapped))}


def _in_archive(path: Path, member: str) -> _Array:
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        shape, is_fortran, dtype = _header(cast(BinaryIO, stream))
    if dtype.hasobject:
        raise ValueError(f"array {member!r} holds pickled objects, which are never loaded")
    if is_fortran and len(shape) > 1:  # columns come first, so rows cannot be streamed
        with np.load(path, allow_pickle=False) as file:
            return _in_memory(member, file[member.removesuffix(".npy")])
    return _Array(shape, dtype, lambda: _stream(path, member))


def _stream(path: Path, member: str) -> Iterator[np.ndarray]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        shape, _, dtype = _header(cast(BinaryIO, stream))
        for start in range(0, shape[0], ROWS_PER_PIECE):
            wanted = (min(ROWS_PER_PIECE, shape[0] - start), *shape[1:])
            size = prod(wanted) * dtype.itemsize
            data = stream.read(size)
            if len(data) < size:
                raise EOFError(f"{member} ends too early")
            yield np.frombuffer(data, dtype).reshape(wanted)


def _header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(stream)
    return np.lib.format.read_array_header_2_0(stream)


def _check(name: str, array: _Array) -> None:
    """Refuse an array that no columns can be made of."""
    wanted = "[rows], [rows, columns], or bytes [rows, height, width(, channels)]"
    got = f"array {name!r} has shape {list(array.shape)} and type {array.dtype}"
    num_dims = len(array.shape)
    if not 1 <= num_dims <= 4:
        raise DataError(f"{got}; wanted {wanted}.")
    if num_dims > 2 and array.dtype != np.uint8:
        raise DataError(
            f"{got}; wanted {wanted}. Pictures must be whole numbers of 0 to 255: scale them and "
            "convert with .astype('uint8')."
        )
    if num_dims == 2 and array.shape[1] > WIDEST:
        raise DataError(f"{got}; wanted at most {WIDEST:,} columns.")
    if array.dtype.kind not in "biufUSM":
        raise DataError(f"{got}; wanted numbers, truth values, dates or strings.")


def _group(arrays: Mapping[str, _Array]) -> tuple[_Group, ...]:
    """Return the arrays grouped by the part of the split that their names give."""
    named = {name: split_from_name(name) for name in arrays}
    if all(pair is not None and pair[0] for pair in named.values()):
        pairs = {name: pair for name, pair in named.items() if pair is not None}
        splits = sorted({split for _, split in pairs.values()}, key=_split_order)
        if len(splits) > 1:
            groups = tuple(
                _Group(s, tuple((p[0], arrays[n]) for n, p in pairs.items() if p[1] == s))
                for s in splits
            )
            _same_columns(groups)
            return groups
    group = _Group(None, tuple(arrays.items()))
    _same_length(group)
    return (group,)


def _split_order(split: str) -> int:
    return ("train", "validation", "test").index(split)


def _same_length(group: _Group) -> None:
    lengths = {name: array.shape[0] for name, array in group.members}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise DataError(f"arrays must have the same number of rows, got {shown}.")


def _same_columns(groups: tuple[_Group, ...]) -> None:
    first = {name: array.shape[1:] for name, array in groups[0].members}
    for group in groups:
        _same_length(group)
        shapes = {name: array.shape[1:] for name, array in group.members}
        if shapes != first:
            raise DataError(
                f"the arrays of {groups[0].split!r} and {group.split!r} must have the same names "
                f"and shapes, got {first} and {shapes}."
            )


def _columns(name: str, values: np.ndarray) -> Iterator[pl.Series]:
    """Yield the columns that some rows of an array make."""
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind == "M":
        values = values.astype("datetime64[us]")
    if values.ndim > 2:
        yield pl.Series(name, np.ascontiguousarray(channels_last(values)))
    elif values.ndim == 2 and values.shape[1] == 1:
        yield _column(name, values[:, 0])
    elif values.ndim == 2:
        stem = name.lower() if len(name) == 1 else name
        for index in range(values.shape[1]):
            yield _column(f"{stem}_{index}", values[:, index])
    else:
        yield _column(name, values)


def _column(name: str, values: np.ndarray) -> pl.Series:
    if values.dtype.kind == "U":
        return pl.Series(name, values.tolist(), dtype=pl.String)
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    return pl.Series(name, np.ascontiguousarray(values))
