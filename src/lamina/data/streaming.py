"""Datasets larger than memory: the same tensors in plain files on disk.

A source is encoded frame by frame; each input becomes one file of rows, read back by row number.
The values and their order are those of a dataset in memory, so a run gives the same result. What
stays in memory is the targets of one size, two flags per row, and where texts begin in their file.
"""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import BundleError, DataError
from lamina.core.files import write_atomically
from lamina.core.records import Problem
from lamina.data.dataset import Dataset, EncodedFrame, Rows, encode_tensors
from lamina.data.geometry import VOID
from lamina.data.pictures import HeldPixels, Pictures
from lamina.data.ragged import Ragged, as_batch, empty_rows
from lamina.data.schema import Schema
from lamina.runtime.framing import GREY

_MANIFEST = "dataset.json"
_FORMAT = 1
_DTYPES: Mapping[str, torch.dtype] = {
    "uint8": torch.uint8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "float32": torch.float32,
    "bool": torch.bool,
}
_MAX_PROBLEMS = 100


class _File:
    """A file of rows of one shape, read by row number.

    Rows are read, not mapped: the system maps far more than is asked for, up to the whole file.
    """

    def __init__(self, path: Path, dtype: str, shape: tuple[int, ...]) -> None:
        self.path = path
        self.dtype = dtype
        self.shape = shape
        self._row_bytes = int(np.prod(shape[1:], dtype=np.int64)) * np.dtype(dtype).itemsize
        self._handle = -1
        self._lock = threading.Lock()

    def fetch(self, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return runs of rows one after the other: `lengths[i]` rows from row `starts[i]` on."""
        out = np.empty((int(lengths.sum()), *self.shape[1:]), dtype=self.dtype)
        if out.nbytes == 0:
            return out
        view = memoryview(out.data).cast("B")
        place = 0
        size = self._row_bytes
        for start, length in zip((starts * size).tolist(), (lengths * size).tolist()):
            self._read(view[place : place + length], start)
            place += length
        return out

    def _read(self, into: memoryview, start: int) -> None:
        """Fill a piece of memory from a place in the file."""
        if self._handle < 0:
            self._handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        while len(into):
            if hasattr(os, "preadv"):
                count = os.preadv(self._handle, [into], start)
            else:  # Windows has one place per open file, so threads must take turns
                with self._lock:
                    os.lseek(self._handle, start, os.SEEK_SET)
                    data = os.read(self._handle, len(into))
                count = len(data)
                into[:count] = data
            if count == 0:
                raise BundleError(f"{self.path} was cut off while in use. Encode the data again.")
            into, start = into[count:], start + count

    def __del__(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)


@dataclass(frozen=True, slots=True)
class DiskTensor:
    """Rows of one shape in a file."""

    file: _File
    """The values."""
    device: torch.device = torch.device("cpu")  # noqa: RUF009
    """Where batches go."""

    def __len__(self) -> int:
        return self.file.shape[0]

    def select(self, index: Tensor, *, max_length: int | None = None) -> Tensor:  # noqa: ARG002
        """Return some rows.

        Args:
            index: int64 [batch], row numbers.
            max_length: Does not concern rows of one shape.
        """
        rows = index.cpu().numpy()
        # Rows that follow each other, as in an evaluation, are read at once.
        is_first = np.concatenate([[True], np.diff(rows) != 1])[: len(rows)]
        begins = np.flatnonzero(is_first)
        lengths = np.diff(np.append(begins, len(rows)))
        return torch.from_numpy(self.file.fetch(rows[begins], lengths)).to(self.device)

    def to(self, device: torch.device) -> "DiskTensor":
        """Return it so that batches go to a device.

        Args:
            device: Where to.
        """
        return replace(self, device=device)


@dataclass(frozen=True, slots=True)
class DiskRagged:
    """Rows of different lengths in a file."""

    file: _File
    """The values, one row after the other."""
    offsets: Tensor
    """int64 [rows + 1], where each row begins."""
    device: torch.device = torch.device("cpu")  # noqa: RUF009
    """Where batches go."""

    def __len__(self) -> int:
        return int(self.offsets.shape[0]) - 1

    @property
    def lengths(self) -> Tensor:
        """Elements of each row, int64 [rows]."""
        return self.offsets.diff()

    def select(self, index: Tensor, *, max_length: int | None = None) -> Tensor:
        """Return some rows, padded to the longest of them.

        Args:
            index: int64 [batch], row numbers.
            max_length: Most elements of a row; the rest is cut off.
        """
        index = index.cpu()
        starts = self.offsets.index_select(0, index)
        lengths = self.offsets.index_select(0, index + 1) - starts
        if max_length is not None:
            lengths = lengths.clamp(max=max_length)
        width = max(1, int(lengths.max()) if lengths.numel() else 0)
        step = torch.arange(width)
        is_real = step < lengths[:, None]
        flat = torch.from_numpy(self.file.fetch(starts.numpy(), lengths.numpy()))
        rows = empty_rows(flat, len(index), width)
        rows[is_real] = as_batch(flat)
        return rows.to(self.device)

    def to(self, device: torch.device) -> "DiskRagged":
        """Return it so that batches go to a device.

        Args:
            device: Where to.
        """
        return replace(self, device=device)


def encode_source(
    schema: Schema,
    frames: Iterable[pl.DataFrame],
    folder: Path,
    *,
    with_targets: bool | None = None,
) -> Dataset:
    """Return a source as a dataset on disk, read and encoded one frame at a time.

    Args:
        schema: A fitted schema.
        frames: The frames of the source, in order; see `AbstractSource.batches`.
        folder: Where the files go; made where missing.
        with_targets: Whether to encode the targets; where None, if the first frame has them all.

    Raises:
        DataError: A column of the schema is missing, or there is no room on the disk.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MANIFEST).unlink(missing_ok=True)
        with ExitStack() as stack:
            writer = _Writer(folder, stack)
            for frame in frames:
                if with_targets is None:
                    with_targets = all(c.name in frame.columns for c in schema.targets)
                part = encode_tensors(
                    schema, frame, with_targets=with_targets, first_row=writer.num_rows
                )
                writer.add(part)
        writer.finish(schema)
    except OSError as error:
        raise DataError(
            f"cannot write the encoded data to {folder}: {error.strerror or error}. Make room, or "
            "name another folder."
        ) from error
    return open_encoded(schema, folder)


def open_encoded(schema: Schema, folder: Path) -> Dataset:
    """Return a dataset that `encode_source` wrote.

    Args:
        schema: The fitted schema it was written with.
        folder: Where it lies.

    Raises:
        BundleError: It is missing, incomplete, damaged, or of another schema.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{folder} holds no complete encoded data set. Encode it again."
        ) from error
    is_known = isinstance(manifest, dict) and manifest.get("format") == _FORMAT
    if not is_known or manifest.get("schema") != _plain(schema):
        raise BundleError(f"{folder} was encoded in another way. Encode it again.")
    try:
        return _opened(schema, folder, manifest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(f"{folder / _MANIFEST} is damaged. Encode the data again.") from error


def _opened(schema: Schema, folder: Path, manifest: Mapping[str, Any]) -> Dataset:
    files = {name: _checked_file(folder, entry) for name, entry in manifest["files"].items()}
    inputs: dict[str, Rows] = {}
    targets: dict[str, Rows] = {}
    for key, file in files.items():
        kind, _, name = key.partition(":")
        if kind == "input":
            inputs[name] = DiskTensor(file)
        elif kind == "ragged":
            inputs[name] = DiskRagged(file, _offsets(files[f"lengths:{name}"]))
        elif kind == "picture":
            inputs[name] = _pictures(files, kind, name, ground=GREY)
        elif kind == "target picture":
            targets[name] = _pictures(files, kind, name, ground=VOID)
        elif kind == "target ragged":
            targets[name] = DiskRagged(file, _offsets(files[f"target lengths:{name}"]))
        elif kind == "target":
            targets[name] = _whole(file)
    return Dataset(
        inputs,
        targets,
        _whole(files["flags:failed"]),
        _whole(files["flags:unlabelled"]),
        schema,
        tuple(Problem(where, what) for where, what in manifest["problems"]),
    )


def _offsets(file: _File) -> Tensor:
    lengths = _whole(file)
    return torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])


def _pictures(files: Mapping[str, _File], kind: str, name: str, *, ground: int) -> Pictures:
    pixels = files[f"{kind}:{name}"]
    sizes = _whole(files[f"{kind} sizes:{name}"])
    return Pictures(pixels, sizes, ground, pixels.shape[1] if len(pixels.shape) > 1 else 0)


class _Writer:
    """Appends encoded frames to files; the manifest comes last and makes them valid."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._files: dict[str, BinaryIO] = {}
        self._entries: dict[str, dict[str, Any]] = {}
        self._problems: list[tuple[str, str]] = []
        self.num_rows = 0

    def add(self, part: EncodedFrame) -> None:
        for name, rows in part.inputs.items():
            self._append_rows("", "input", name, rows)
        for name, rows in part.targets.items():
            self._append_rows("target ", "target", name, rows)
        self._append("flags:failed", part.failed)
        self._append("flags:unlabelled", part.unlabelled)
        room = _MAX_PROBLEMS - len(self._problems)
        self._problems += [(p.where, p.what) for p in part.problems[:room]]
        self.num_rows += len(part.failed)

    def finish(self, schema: Schema) -> None:
        if not self.num_rows:
            raise DataError("the source has no rows to encode. Check the path.")
        manifest = {
            "format": _FORMAT,
            "files": self._entries,
            "problems": self._problems,
            "schema": _plain(schema),
        }
        write_atomically(self._folder / _MANIFEST, json.dumps(manifest))

    def _append_rows(
        self, kind: str, plain: str, name: str, rows: Tensor | Ragged | Pictures
    ) -> None:
        if isinstance(rows, Ragged):
            self._append(f"{kind}ragged:{name}", rows.values)
            self._append(f"{kind}lengths:{name}", rows.lengths)
        elif isinstance(rows, Pictures):
            assert isinstance(rows.pixels, HeldPixels), "a frame is encoded in memory"
            self._append(f"{kind}picture:{name}", torch.from_numpy(rows.pixels.values))
            self._append(f"{kind}picture sizes:{name}", rows.sizes)
        else:
            self._append(f"{plain}:{name}", rows)

    def _append(self, key: str, values: Tensor) -> None:
        array = values.contiguous().numpy()
        if key not in self._files:
            # Names of columns may hold anything, so files are numbered.
            file_name = f"{len(self._files)}.bin"
            file = (self._folder / file_name).open("wb")
            self._files[key] = self._stack.enter_context(file)
            self._entries[key] = {
                "file": file_name,
                "dtype": str(array.dtype),
                "shape": [0, *array.shape[1:]],
            }
        array.tofile(self._files[key])
        self._entries[key]["shape"][0] += array.shape[0]


def _plain(schema: Schema) -> Any:
    """Return the document of a schema as it comes back from a file."""
    return json.loads(json.dumps(schema.to_document()))


def _checked_file(folder: Path, entry: Mapping[str, Any]) -> _File:
    path, shape = folder / entry["file"], tuple(entry["shape"])
    if path.parent != folder or entry["dtype"] not in _DTYPES:
        raise BundleError(f"{folder / _MANIFEST} is damaged. Encode the data again.")
    wanted = int(np.prod(shape, dtype=np.int64)) * np.dtype(entry["dtype"]).itemsize
    if not path.is_file() or path.stat().st_size != wanted:
        raise BundleError(f"{path} is missing or incomplete. Encode the data again.")
    return _File(path, entry["dtype"], shape)


def _whole(file: _File) -> Tensor:
    """Return all values of a small file in memory."""
    values = np.fromfile(file.path, dtype=file.dtype).reshape(file.shape)
    return torch.from_numpy(values)
