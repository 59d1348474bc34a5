"""What every check looks at: the frame, its parts, and plain arrays of its columns.

Built once, bounded in rows by a part that depends on the seed alone, so that all checks together
cost seconds whatever the size of the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from lamina.core.random import permutation
from lamina.data.checks.thumbnails import Thumbnails, joined, thumbnails_of
from lamina.data.modalities.cells import as_text, is_plain, parse_numbers, without_missing
from lamina.data.modalities.datetime import parse_times
from lamina.data.schema import Column, Schema
from lamina.data.splits import Split

_MAX_HELD_PICTURES = 1_500
_MAX_TRAIN_PICTURES = 3_000


@dataclass(frozen=True, slots=True)
class TargetView:
    """The first target as plain numbers."""

    name: str
    """Its column."""
    is_class: bool
    """Whether it is one of some classes; a number else."""
    values: np.ndarray
    """Class number (int64, -1 where missing) or number (float64, NaN where missing), [rows]."""
    classes: tuple[str, ...]
    """Names of the classes, in the order of their numbers."""

    @property
    def is_known(self) -> np.ndarray:
        """Rows with a target, bool [rows]."""
        return self.values >= 0 if self.is_class else ~np.isnan(self.values)


@dataclass(frozen=True, slots=True)
class ColumnView:
    """An input column as one number per row."""

    name: str
    """Its column."""
    is_category: bool
    """Whether the numbers are codes without an order."""
    values: np.ndarray
    """float64 [rows], NaN where missing."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What every check looks at."""

    frame: pl.DataFrame
    """Raw cells of all rows."""
    schema: Schema
    """What the columns are."""
    train: np.ndarray
    """int64, training rows."""
    held: np.ndarray
    """int64, test rows; the validation rows where nothing is tested."""
    target: TargetView | None
    """The first target, where it is a class or a number."""
    columns: tuple[ColumnView, ...]
    """Numbers, times, truth values and categories among the inputs."""
    texts: tuple[str, ...]
    """Text columns among the inputs."""
    pictures: tuple[Thumbnails, ...]
    """Thumbnails of some rows of each picture column among the inputs."""
    seed: int
    """Seed of the run."""
    max_rows: int
    """Rows that a check with costly steps looks at, at most."""

    def sample(self, rows: np.ndarray, limit: int, purpose: str) -> np.ndarray:
        """Return some of the rows, in rising order; all where they are few.

        Args:
            rows: Row numbers.
            limit: How many at most; `max_rows` bounds it too.
            purpose: What for; another purpose gives other rows.
        """
        return sample_rows(rows, min(limit, self.max_rows), self.seed, purpose)

    def column(self, name: str) -> Column:
        """Return what the schema says about a column.

        Args:
            name: Its name.
        """
        return self.schema.column(name)


def build_context(
    frame: pl.DataFrame, schema: Schema, split: Split, *, seed: int, max_rows: int
) -> CheckContext:
    """Return what the checks look at.

    Args:
        frame: Raw cells of all rows.
        schema: What the columns are; need not be fitted.
        split: The parts.
        seed: Seed of the run.
        max_rows: Rows that a check with costly steps looks at, at most.
    """
    # Lengths of time have no text form; the checks read them as whole numbers.
    frame = frame.with_columns(pl.selectors.duration().cast(pl.Int64))
    train, held = split.train.numpy(), split.test.numpy()
    if not len(held):
        held = split.validation.numpy()
    pictures = []
    for column in schema.inputs:
        if column.modality == "image":
            some = (
                sample_rows(train, min(_MAX_TRAIN_PICTURES, max_rows), seed, "train pictures"),
                sample_rows(held, min(_MAX_HELD_PICTURES, max_rows), seed, "held pictures"),
            )
            # Each part for itself, so that large pictures of the one do not crowd out the other.
            cells = frame[column.name]
            pictures.append(joined([thumbnails_of(cells, rows, seed=seed) for rows in some]))
    return CheckContext(
        frame=frame,
        schema=schema,
        train=train,
        held=held,
        target=_target_view(frame, schema),
        columns=tuple(_column_views(frame, schema.inputs)),
        texts=tuple(c.name for c in schema.inputs if c.modality == "text"),
        pictures=tuple(pictures),
        seed=seed,
        max_rows=max_rows,
    )


def sample_rows(rows: np.ndarray, limit: int, seed: int, purpose: str) -> np.ndarray:
    """Return some of the rows, in rising order; all where they are few.

    Args:
        rows: Row numbers.
        limit: How many at most.
        seed: Seed of the run.
        purpose: What for.
    """
    if len(rows) <= limit:
        return rows
    order = permutation(seed, f"check {purpose}", 0, len(rows)).numpy()
    return np.sort(rows[order[:limit]])


def class_codes(cells: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return class numbers in the order of the names, -1 where missing, and the names.

    Args:
        cells: Raw cells.
    """
    text = without_missing(as_text(cells), ("",))
    names = text.drop_nulls().unique().sort()
    places = pl.DataFrame({"cell": names, "code": np.arange(len(names))})
    joined = pl.DataFrame({"cell": text}).join(places, on="cell", how="left", maintain_order="left")
    codes = joined["code"].fill_null(-1).to_numpy().astype(np.int64)
    return codes, tuple(names.to_list())


def _target_view(frame: pl.DataFrame, schema: Schema) -> TargetView | None:
    if not schema.targets:
        return None
    target = schema.targets[0]
    cells = frame[target.name]
    if target.modality == "number":
        values = parse_numbers(cells).values.to_numpy().astype(np.float64)
        return TargetView(target.name, False, values, ())
    if target.modality in ("category", "boolean") and is_plain(cells):
        codes, names = class_codes(cells)
        return TargetView(target.name, True, codes, names)
    return None


def _column_views(frame: pl.DataFrame, columns: Sequence[Column]) -> list[ColumnView]:
    views = []
    for column in columns:
        cells = frame[column.name]
        if column.modality == "number":
            values = parse_numbers(cells).values.to_numpy().astype(np.float64)
            views.append(ColumnView(column.name, False, values))
        elif column.modality == "datetime":
            times = parse_times(cells).values.dt.epoch("ms").cast(pl.Float64)
            views.append(ColumnView(column.name, False, times.to_numpy().astype(np.float64)))
        elif column.modality in ("category", "boolean") and is_plain(cells):
            codes = class_codes(cells)[0].astype(np.float64)
            codes[codes < 0] = np.nan
            views.append(ColumnView(column.name, True, codes))
    return views
