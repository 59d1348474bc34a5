"""The kinds of file that can be read, written out.

A row names the suffixes of a kind, what opens it, and which settings have an effect on it, so that
a setting without effect is an error instead of being ignored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lamina.core.table import Entry, table
from lamina.data.sources.arrays import ArraySource
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.columnar import ColumnarSource
from lamina.data.sources.csv import CsvSource
from lamina.data.sources.idx import IdxSource
from lamina.data.sources.json_lines import JsonLinesSource


@dataclass(frozen=True, slots=True)
class FileKind:
    """How one kind of file is opened."""

    suffixes: tuple[str, ...]
    """Suffixes that tell it, without those of compression."""
    open: Callable[[Path, SourceOptions], AbstractSource]
    """What opens it."""
    options: tuple[str, ...] = ()
    """Settings that have an effect."""


FILE_KINDS: Mapping[str, Entry[FileKind]] = table(
    Entry(
        "csv",
        FileKind(
            (".csv", ".tsv", ".tab", ".txt", ".data", ".psv", ".dat"),
            CsvSource,
            ("delimiter", "encoding", "has_header", "file_column"),
        ),
        "Delimited text of any delimiter and encoding, plain or compressed.",
        "RFC 4180",
    ),
    Entry(
        "json lines",
        FileKind((".jsonl", ".ndjson", ".json"), JsonLinesSource, ("encoding",)),
        "One JSON object per line, or one list of objects.",
        "https://jsonlines.org",
    ),
    Entry(
        "columnar",
        FileKind((".parquet", ".pq", ".arrow", ".feather", ".ipc"), ColumnarSource),
        "Parquet, Arrow IPC and Feather.",
        "https://parquet.apache.org",
    ),
    Entry(
        "arrays",
        FileKind((".npy", ".npz"), ArraySource),
        "NumPy arrays.",
        "NumPy Enhancement Proposal 1",
    ),
    Entry(
        "idx",
        FileKind((".idx", ".idx1", ".idx3"), IdxSource),
        "The format of MNIST.",
        "LeCun, Cortes and Burges (1998)",
    ),
)
"""Kinds of file by name."""
