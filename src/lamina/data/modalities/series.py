"""Series: measurements in equal steps, such as a day of power demand or six sensors of a watch.

A cell is a list of numbers, or of steps that are lists of numbers, one per channel. Series of a
column may differ in length; they have the same channels. Each channel is put on one scale for all
series, with the mean and the deviation of the training part; whether each series is then levelled
on its own is a choice of the network. What is read, and how gaps are filled, is written once, in
`runtime.modalities.series`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch

from lamina.core.errors import DataError
from lamina.core.records import InputSpec, Problem
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.cells import share_of
from lamina.data.ragged import Ragged
from lamina.runtime.document import Fields
from lamina.runtime.modalities.series import MOST_CHANNELS, SeriesReader, as_steps, lines_of

_SAMPLE = 2_000
_SHOWN_PROBLEMS = 20


@final
@dataclass(frozen=True, kw_only=True)
class Series(AbstractModality):
    """Fitted state of a column of series."""

    name: ClassVar[str] = "series"
    kind: ClassVar[str] = "series"
    is_few_up_to: ClassVar[int] = 1_000

    channels: int
    """Numbers per step."""
    mean: tuple[float, ...]
    """Mean of each channel over the steps of training series."""
    deviation: tuple[float, ...]
    """Standard deviation of each channel, likewise; above 0."""
    num_steps: int
    """Steps of a typical training series."""
    max_steps: int
    """Most steps that are read; a longer series is drawn together."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like series.

        Args:
            column: Raw cells.
            role: "input" or "target"; series are no targets.
        """
        if role == "target":
            return Evidence(0.0, "series cannot be predicted")
        if isinstance(column.dtype, pl.Array):
            return Evidence(0.0, "arrays are series only where somebody says so")
        if is_list_of_numbers(column.dtype):
            lengths = column.drop_nulls().list.len()
            ends = (lengths.min() or 0, lengths.max() or 0)
            return Evidence(0.99, f"the cells are lists of {ends[0]!s} to {ends[1]!s} numbers")
        if column.dtype != pl.String:
            return Evidence(0.0, "the cells are no lists of numbers")
        present = column.drop_nulls()
        sample = present.gather_every(max(1, len(present) // 100))
        bracketed = share_of(sample.str.contains(r"^\s*\[\s*[\[\d.+-]"))
        if bracketed < 0.95:
            return Evidence(0.0, f"{bracketed:.0%} of the cells are lists in brackets")
        good = sum(not isinstance(as_steps(cell), str) for cell in sample.to_list())
        reason = f"{good:,} of {len(sample):,} cells looked at are lists of numbers as text"
        return Evidence(0.97 if good >= 0.95 * len(sample) else 0.0, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return channels and scale of training series.

        Args:
            column: Raw cells of training rows.
            role: "input".
            options: `max_steps`.

        Raises:
            DataError: It is to be a target, or no series can be read.
        """
        if role == "target":
            raise DataError(f"target {column.name!r} holds series, which cannot be predicted.")
        present = column.drop_nulls()
        sample = _cells(present.gather_every(max(1, -(-len(present) // _SAMPLE))))
        found = [as_steps(cell) for cell in sample]
        read = [steps for steps in found if not isinstance(steps, str)]
        if not read:
            problem = next((text for text in found if isinstance(text, str)), "no cell has one")
            raise DataError(
                f"no series of column {column.name!r} could be read: {problem}. Give lists of "
                "numbers, one per step or one list of channels per step, or ignore the column."
            )
        widths = [steps.shape[1] for steps in read]
        channels = max(set(widths), key=widths.count)
        read = [steps for steps in read if steps.shape[1] == channels]
        mean, deviation = _moments(read)
        return cls(
            channels=channels,
            mean=tuple(mean.tolist()),
            deviation=tuple(deviation.tolist()),
            num_steps=min(options.max_steps, int(np.median([len(steps) for steps in read]))),
            max_steps=options.max_steps,
        )

    def encode(self, column: pl.Series) -> Encoded:
        """Return `Ragged` float32 steps; a row without a series fails.

        Args:
            column: Raw cells, of any rows.
        """
        read = self._reader().read(_cells(column))
        lengths = torch.tensor([0, *map(len, read.values)], dtype=torch.int64)
        nothing = np.zeros((0, self.channels), dtype=np.float32)
        flat = np.concatenate([nothing, *read.values])
        failed = torch.zeros(len(column), dtype=torch.bool)
        failed[list(read.errors)] = True
        shown = list(read.errors.items())[:_SHOWN_PROBLEMS]
        return Encoded(
            Ragged(torch.from_numpy(flat), lengths.cumsum(0)),
            failed,
            tuple(Problem("", what) for _, what in shown),
            tuple(row for row, _ in shown),
        )

    def show(self, cell: Any) -> str:
        """Return length, channels and range of a series.

        Args:
            cell: A raw cell.
        """
        steps = as_steps(_plain(cell))
        if isinstance(steps, str):
            return "missing" if cell is None else "no series"
        several = f" of {steps.shape[1]} channels" if steps.shape[1] > 1 else ""
        return (
            f"{len(steps):,} steps{several} from {np.nanmin(steps):.4g} to {np.nanmax(steps):.4g}"
        )

    def lines(self, cell: Any) -> tuple[tuple[float, ...], ...]:
        """Return the series as it is drawn, a line per channel.

        Args:
            cell: A raw cell.
        """
        return lines_of(_plain(cell))

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of a series.

        Args:
            column: Name of the column.
        """
        return InputSpec(column, "series", (column,), (self.channels,), num_steps=self.num_steps)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "channels": self.channels,
            "mean": list(self.mean),
            "deviation": list(self.deviation),
            "num_steps": self.num_steps,
            "max_steps": self.max_steps,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        SeriesReader.from_document(document)
        fields = Fields(document, "a series")
        channels = fields.integer("channels", least=1, most=MOST_CHANNELS)
        return cls(
            channels=channels,
            mean=fields.numbers("mean", count=channels),
            deviation=fields.numbers("deviation", count=channels),
            num_steps=fields.integer("num_steps", least=1, most=1 << 24),
            max_steps=fields.integer("max_steps", least=1, most=1 << 24),
        )

    def _reader(self) -> SeriesReader:
        return SeriesReader(self.mean, self.deviation, max_steps=self.max_steps)


def is_list_of_numbers(kind: Any) -> bool:
    """Return whether cells of a type are lists of numbers, or of lists of them.

    Args:
        kind: Type of a column.
    """
    depth = 0
    while isinstance(kind, (pl.List, pl.Array)):
        kind, depth = kind.inner, depth + 1
    return 1 <= depth <= 2 and kind.is_numeric()


def _cells(column: pl.Series) -> list[Any]:
    if isinstance(column.dtype, pl.Array):
        return [None if cell is None else cell.to_numpy() for cell in column]
    if column.dtype == pl.String or is_list_of_numbers(column.dtype):
        return column.to_list()
    raise DataError(
        f"column {column.name!r} holds {column.dtype} cells, which are no series. Give lists of "
        "numbers."
    )


def _plain(cell: Any) -> Any:
    return cell.to_list() if isinstance(cell, pl.Series) else cell


def _moments(series: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation of each channel; 0 and 1 where it has no spread."""
    whole = np.concatenate(series)
    counts = np.maximum(1, np.isfinite(whole).sum(axis=0))
    mean = np.nansum(whole, axis=0) / counts
    deviation = np.sqrt(np.nansum((whole - mean) ** 2, axis=0) / counts)
    scale = np.maximum(np.abs(mean), 1e-30)
    return mean, np.where(deviation > 1e-9 * scale, deviation, 1.0)
