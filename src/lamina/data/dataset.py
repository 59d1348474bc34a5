"""The dataset: one tensor per input, indexed by batch.

Everything that fits in memory is encoded once; a batch is then one `index_select` per tensor, with
no Python per sample. What does not fit lies on disk with the same contents (see `streaming.py`).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError, unknown_name
from lamina.core.records import Batch, InputSpec, OutputSpec, Problem
from lamina.data.modalities.base import Encoded
from lamina.data.modalities.cells import as_text, parse_numbers
from lamina.data.modalities.datetime import DateTime, parse_times
from lamina.data.modalities.number import Number
from lamina.data.pictures import Pictures
from lamina.data.ragged import Ragged
from lamina.data.schema import Column, Schema, input_name

_SHOWN_PROBLEMS = 20


class AbstractRows(Protocol):
    """Rows that are fetched by number: a `Ragged`, or a file on disk."""

    def __len__(self) -> int: ...

    def select(self, index: Tensor, *, max_length: int | None = None) -> Tensor:
        """Return some rows as one tensor.

        Args:
            index: int64 [batch], row numbers.
            max_length: Most elements of a row of varying length.
        """

    def to(self, device: torch.device) -> "AbstractRows":
        """Return the rows on a device.

        Args:
            device: Where to.
        """


Rows = Tensor | AbstractRows


@dataclass(frozen=True, slots=True)
class Dataset:
    """Encoded rows of a source; row numbers are those of the source."""

    inputs: Mapping[str, Rows]
    """By name of `InputSpec`."""
    targets: Mapping[str, Rows]
    """By name of `OutputSpec`; rows of ids where answers differ in length; empty where there are
    no targets."""
    failed: Tensor
    """bool [rows], true where an input could not be read."""
    unlabelled: Tensor
    """bool [rows], true where a target is missing or unknown."""
    schema: Schema
    """The fitted schema that the rows were encoded with."""
    problems: tuple[Problem, ...] = ()
    """What was wrong with rows that failed, some of them spelt out."""
    max_length: int | None = None
    """Most tokens of a text in a batch; all where None."""
    times: Tensor | None = None
    """float64 [rows], seconds since 1970 or numbers of the time column, NaN where missing; None
    where there is none, or the rows lie on disk."""
    series: Tensor | None = None
    """int64 [rows], equal for rows of one series; None where no column tells series apart."""

    @property
    def num_rows(self) -> int:
        """Rows there are, failed ones included."""
        return int(self.failed.shape[0])

    def __len__(self) -> int:
        return self.num_rows

    def input_specs(self) -> tuple[InputSpec, ...]:
        """Return what a network must know about its inputs."""
        return self.schema.input_specs()

    def output_specs(self) -> tuple[OutputSpec, ...]:
        """Return what a network must answer."""
        return self.schema.output_specs()

    def batch(self, index: Tensor) -> Batch:
        """Return some rows, ready for a network.

        Args:
            index: int64 [batch], row numbers, on the device of the dataset.
        """
        inputs = {name: self._select(rows, index) for name, rows in self.inputs.items()}
        targets = {name: self._select(rows, index) for name, rows in self.targets.items()}
        return Batch(inputs, targets, index)

    def _select(self, rows: Rows, index: Tensor) -> Tensor:
        if isinstance(rows, Tensor):
            return rows.index_select(0, index)
        return rows.select(index, max_length=self.max_length)

    def by_length(self, index: Tensor) -> Tensor:
        """Return an order of some rows in which those of about one length follow each other.

        Batches of them have little padding. Where all are of one length the order stays.

        Args:
            index: int64 [rows], row numbers.

        Returns:
            int64 [rows], places in `index`.
        """
        lengths = torch.zeros(len(index), dtype=torch.int64, device=index.device)
        for rows in (*self.inputs.values(), *self.targets.values()):
            own = getattr(rows, "lengths", None)
            if isinstance(own, Tensor):
                lengths += own.to(index.device)[index]
        return torch.argsort(lengths, stable=True)

    @property
    def device(self) -> torch.device:
        """Where row numbers have to be."""
        return self.failed.device

    def targets_of(self, index: Tensor) -> dict[str, Tensor]:
        """Return the encoded targets of some rows, on the CPU.

        Args:
            index: int64 [rows], row numbers.
        """
        return {name: self._select(rows, index).cpu() for name, rows in self.targets.items()}

    def plain_target(self, name: str) -> Tensor:
        """Return a target that is of one size in all rows.

        Args:
            name: Its name.

        Raises:
            DataError: Its answers are of free length.
        """
        found = self.targets[name]
        if not isinstance(found, Tensor):
            raise DataError(f"the answers of target {name!r} are of free length, not of one size.")
        return found

    def rows_of(self, index: Tensor) -> Tensor:
        """Return the row numbers themselves: a sample is a row.

        Args:
            index: int64 [rows], row numbers.
        """
        return index

    def usable(self, index: Tensor | None = None, *, with_targets: bool = True) -> Tensor:
        """Return the rows that can be learnt from, int64 in the order of `index`.

        Args:
            index: Row numbers to choose from; all rows where None.
            with_targets: Whether the targets must be known as well.
        """
        is_bad = self.failed | self.unlabelled if with_targets else self.failed
        if index is None:
            return torch.nonzero(~is_bad).squeeze(1)
        is_wanted = ~is_bad[index]
        return index if bool(is_wanted.all()) else index[is_wanted]

    def to(self, device: torch.device | str) -> "Dataset":
        """Return the dataset with its tensors on a device; rows on disk stay there.

        Args:
            device: Where to.
        """
        place = torch.device(device)
        return dataclasses.replace(
            self,
            inputs={name: rows.to(place) for name, rows in self.inputs.items()},
            targets={name: rows.to(place) for name, rows in self.targets.items()},
            failed=self.failed.to(place),
            unlabelled=self.unlabelled.to(place),
            times=None if self.times is None else self.times.to(place),
            series=None if self.series is None else self.series.to(place),
        )


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """A frame as tensors."""

    inputs: Mapping[str, Tensor | Ragged | Pictures]
    """By name of `InputSpec`."""
    targets: Mapping[str, Tensor | Ragged | Pictures]
    """By name of `OutputSpec`."""
    failed: Tensor
    """bool [rows], true where an input could not be read."""
    unlabelled: Tensor
    """bool [rows], true where a target is missing or unknown."""
    problems: tuple[Problem, ...]
    """What was wrong, some of it spelt out."""


def encode_frame(
    schema: Schema, frame: pl.DataFrame, *, with_targets: bool | None = None
) -> Dataset:
    """Return a frame as a dataset in memory.

    Args:
        schema: A fitted schema.
        frame: Raw cells.
        with_targets: Whether to encode the targets; where None, if the frame has them all.

    Raises:
        DataError: A column of the schema is missing in the frame.
    """
    part = encode_tensors(schema, frame, with_targets=with_targets)
    return Dataset(
        part.inputs,
        part.targets,
        part.failed,
        part.unlabelled,
        schema,
        part.problems,
        times=_times_of(schema, frame),
        series=_series_of(schema, frame),
    )


def encode_tensors(
    schema: Schema,
    frame: pl.DataFrame,
    *,
    with_targets: bool | None = None,
    first_row: int = 0,
) -> EncodedFrame:
    """Return the tensors of a frame.

    Args:
        schema: A fitted schema.
        frame: Raw cells.
        with_targets: Whether to encode the targets; where None, if the frame has them all.
        first_row: Number of the first row of the frame in its source, for messages.

    Raises:
        DataError: A column of the schema is missing in the frame.
    """
    failed = torch.zeros(frame.height, dtype=torch.bool)
    joined: dict[str, list[Tensor]] = {"number": [], "category": []}
    alone: dict[str, Tensor | Ragged | Pictures] = {}
    problems: list[Problem] = []
    for column in schema.inputs:
        encoded, kind = _encode(column, frame)
        failed |= encoded.failed
        problems.extend(_placed(encoded, column.name, first_row))
        if kind in joined and isinstance(encoded.values, Tensor):
            joined[kind].append(encoded.values)
        else:
            alone[input_name(column.name)] = encoded.values
    inputs = {kind: torch.cat(parts, 1) for kind, parts in joined.items() if parts}
    if with_targets is None:
        with_targets = all(column.name in frame.columns for column in schema.targets)
    targets: dict[str, Tensor | Ragged | Pictures] = {}
    unlabelled = torch.zeros(frame.height, dtype=torch.bool)
    for column in schema.targets if with_targets else ():
        laid, misfits = _laid(column, schema, frame)
        encoded, _ = _encode(column, laid)
        # A missing cell can be read as an empty text, but nothing can be learnt from it.
        unlabelled |= encoded.failed | torch.from_numpy(frame[column.name].is_null().to_numpy())
        problems.extend(_placed(encoded, column.name, first_row))
        targets[column.name] = encoded.values
        for row, what in misfits.items():
            if not unlabelled[row] and not failed[row]:
                unlabelled[row] = True
                problems.append(Problem(f"column {column.name!r}, row {first_row + row}", what))
        beside = _beside(column, schema, alone)
        if beside is not None and isinstance(encoded.values, Ragged):
            own = encoded.values.lengths
            # Where the words fail, or the tags do, that has been told.
            differs = (own != beside.lengths) & ~unlabelled & ~failed
            unlabelled |= differs
            for row in torch.nonzero(differs).squeeze(1).tolist()[:_SHOWN_PROBLEMS]:
                counts = f"{int(own[row])} tags for {int(beside.lengths[row])} words"
                problem = Problem(f"column {column.name!r}, row {first_row + row}", counts)
                problems.append(problem)
    if not targets and schema.targets:
        unlabelled[:] = True
    return EncodedFrame({**inputs, **alone}, targets, failed, unlabelled, tuple(problems))


def seconds_or_numbers(times: pl.Series) -> np.ndarray:
    """Return the times of a column as float64, NaN where missing.

    Args:
        times: Datetimes, dates or plain numbers.
    """
    if times.dtype.is_temporal():
        micro = times.cast(pl.Datetime("us")).cast(pl.Int64)
        return micro.cast(pl.Float64).to_numpy() / 1e6
    return times.cast(pl.Float64).to_numpy().copy()


def _beside(
    column: Column, schema: Schema, alone: Mapping[str, Tensor | Ragged | Pictures]
) -> Ragged | None:
    """Return the words that a target has something for each of; None for other targets."""
    if column.fitted is None or not column.fitted.is_aligned:
        return None
    names = [c.name for c in schema.inputs if c.fitted is not None and c.fitted.kind == "words"]
    words = alone.get(input_name(names[0])) if len(names) == 1 else None
    return words if isinstance(words, Ragged) else None


def _laid(
    column: Column, schema: Schema, frame: pl.DataFrame
) -> tuple[pl.DataFrame, Mapping[int, str]]:
    """Return cells of a target as they lie in the picture beside them, and why some do not fit."""
    pictures = [c.name for c in schema.inputs if c.modality == "image"]
    if column.fitted is None or len(pictures) != 1 or column.name not in frame.columns:
        return frame, {}
    beside = frame[pictures[0]]
    misfits = column.fitted.misfits(frame[column.name], beside)
    if not misfits:
        return frame, misfits
    turned = column.fitted.turned(frame[column.name], beside)
    return frame.with_columns(turned), column.fitted.misfits(turned, beside)


def _times_of(schema: Schema, frame: pl.DataFrame) -> Tensor | None:
    """Return the times of the rows; None where no column holds any, or the frame lacks it."""
    column = schema.with_role("time")
    if column is None or column.name not in frame.columns:
        return None
    cells = frame[column.name]
    if isinstance(column.fitted, DateTime):
        times = seconds_or_numbers(parse_times(cells, format=column.fitted.format).values)
    elif isinstance(column.fitted, Number):
        numbers = parse_numbers(cells, decimal=column.fitted.decimal).values
        times = seconds_or_numbers(numbers)
    else:
        return None
    return torch.from_numpy(times)


def _series_of(schema: Schema, frame: pl.DataFrame) -> Tensor | None:
    """Return the number of the series of each row, in the order of their names."""
    column = schema.with_role("series")
    if column is None:
        return None
    if column.name not in frame.columns:
        raise DataError(
            f"the column {column.name!r} that tells series apart is missing; the data have "
            f"{', '.join(map(repr, frame.columns[:20]))}."
        )
    texts = as_text(frame[column.name]).fill_null("")
    return torch.from_numpy((texts.rank("dense").cast(pl.Int64) - 1).to_numpy().copy())


def _placed(encoded: Encoded, name: str, first_row: int) -> list[Problem]:
    """Return the problems, each with its place."""
    rows = encoded.problem_rows or (0,) * len(encoded.problems)
    return [
        problem
        if problem.where
        else dataclasses.replace(problem, where=f"column {name!r}, row {first_row + row}")
        for problem, row in zip(encoded.problems, rows)
    ]


def _encode(column: Column, frame: pl.DataFrame) -> tuple[Encoded, str]:
    if column.name not in frame.columns:
        found = ", ".join(map(repr, frame.columns[:20]))
        hint = unknown_name("column", column.name, frame.columns)
        near = hint[hint.find(" Did you mean") :] if "Did you mean" in hint else ""
        raise DataError(
            f"the column {column.name!r} that the model needs is missing; the data have {found}."
            f"{near}"
        )
    if column.fitted is None:
        raise DataError(f"column {column.name!r} is not fitted. Call fit_schema first.")
    return column.fitted.encode(frame[column.name]), column.fitted.kind
