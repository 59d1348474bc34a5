"""Category: one of a number of levels.

As an input: an id per level by falling frequency, 0 for missing, rare and unseen ones. As a target:
the classes in their natural order ("class 2" before "class 10"), numbered from 0; a row whose class
is missing or was never seen in training cannot be used.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import BundleError, DataError
from lamina.core.records import InputSpec, Problem
from lamina.data.modalities.base import (
    AbstractModality,
    Encoded,
    Evidence,
    ModalityOptions,
    none_failed,
)
from lamina.data.modalities.cells import (
    MISSING_LEVELS,
    as_text,
    as_written,
    is_plain,
    parse_numbers,
    share_of,
    without_missing,
)
from lamina.runtime.document import Fields

_CELLS = ("text", "integer", "float", "boolean")


@final
@dataclass(frozen=True, kw_only=True)
class Category(AbstractModality):
    """Fitted state of a category column."""

    name: ClassVar[str] = "category"
    kind: ClassVar[str] = "category"

    role: str
    """"input" or "target"."""
    levels: tuple[str, ...]
    """Known levels as text: of an input by falling frequency, of a target in natural order, and as
    its cells write them."""
    counts: tuple[float, ...]
    """Training rows of each level."""
    cells: str = "text"
    """What the cells were: "text", "integer", "float" or "boolean"; answers are given as such."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like levels.

        Args:
            column: Raw cells.
            role: "input" or "target".
        """
        if not is_plain(column) or column.dtype.is_temporal():
            return Evidence(0.0, "the cells are no single words or numbers")
        text = without_missing(as_text(column), MISSING_LEVELS).drop_nulls()
        distinct = text.n_unique()
        reason = f"{distinct:,} distinct among {len(text):,} cells"
        if not distinct:
            return Evidence(0.0, "all cells are missing")
        if role == "input" and distinct > max(50, len(text) // 10):
            return Evidence(0.5, f"{reason}, which is many")
        return Evidence(0.8, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the levels of training cells.

        Args:
            column: Raw cells of training rows.
            role: "input" or "target".
            options: `max_categories` bounds the levels.

        Raises:
            DataError: An input has no level that recurs, or a target has fewer than two classes
                or more than `max_categories`.
        """
        text = as_text(column)
        present = without_missing(text, _marks(text)).drop_nulls()
        table = (
            present.alias("level")
            .value_counts(name="rows")
            .sort(["rows", "level"], descending=[True, False])
        )
        if role == "target":
            table = _classes(column.name, table, len(column), options)
        else:
            # One row teaches nothing about a level, but teaches what to do with an unseen one.
            least = 2 if len(present) >= 200 else 1
            table = table.filter(pl.col("rows") >= least).head(options.max_categories)
            if not len(table):
                raise DataError(
                    f"column {column.name!r} was to be a category, but no cell of {len(column):,} "
                    "has a level that recurs. Ignore it, or choose another modality for it."
                )
        levels = table["level"].to_list()
        return cls(
            role=role,
            levels=tuple(_as_written(levels, column, text) if role == "target" else levels),
            counts=tuple(float(count) for count in table["rows"].to_list()),
            cells=_cells(column.dtype),
        )

    def encode(self, column: pl.Series) -> Encoded:
        """Return int64 [rows, 1] ids of an input, or int64 [rows] classes of a target.

        Args:
            column: Raw cells, of any rows.
        """
        text = as_text(column)
        if self.role == "input":
            ids = _look_up(text, self.levels, first=1, default=0)
            return Encoded(torch.from_numpy(ids)[:, None], none_failed(len(column)))
        ids = _look_up(text, self.levels, first=0, default=-1)
        ids, problems = self._forgive(text, ids)
        classes = torch.from_numpy(ids)
        return Encoded(classes.clamp(min=0), classes < 0, problems)

    def decode(self, values: Tensor) -> pl.Series:
        """Return the classes of indices, as the cells they were read from.

        Args:
            values: int64 [rows], class indices.
        """
        levels = pl.Series("prediction", self.levels, dtype=pl.String)
        cells = levels.gather(values.detach().cpu().reshape(-1).to(torch.int64).numpy())
        if self.cells == "boolean":
            return cells == "true"
        kinds: dict[str, Any] = {"integer": pl.Int64, "float": pl.Float64, "text": pl.String}
        return cells.cast(kinds[self.cells])

    def show(self, cell: Any) -> str:
        """Return a level as text.

        Args:
            cell: A raw cell.
        """
        return "missing" if cell is None else str(cell)

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of one category.

        Args:
            column: Name of the column.
        """
        return InputSpec(
            "category", "category", (column,), (1,), cardinalities=(len(self.levels) + 1,)
        )

    def references(self, count: int) -> Tensor:
        """Return ids of levels, as often as training cells have them.

        Args:
            count: How many.
        """
        if not self.levels:
            return torch.zeros(count, 1, dtype=torch.int64)
        ends = np.cumsum(np.asarray(self.counts, dtype=np.float64))
        places = np.searchsorted(ends, (np.arange(count) + 0.5) / count * ends[-1])
        return torch.from_numpy(places.astype(np.int64) + 1)[:, None]

    @property
    def output_size(self) -> int:
        """One number per class."""
        return len(self.levels)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "role": self.role,
            "levels": list(self.levels),
            "counts": list(self.counts),
            "cells": self.cells,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a category")
        role = fields.text("role", ("input", "target"))
        levels = fields.texts("levels", least=2 if role == "target" else 0)
        cells = fields.text("cells", _CELLS)
        _check_levels(levels, cells)
        return cls(
            role=role,
            levels=levels,
            counts=fields.numbers("counts", count=len(levels)),
            cells=cells,
        )

    def _forgive(self, text: pl.Series, ids: np.ndarray) -> tuple[np.ndarray, tuple[Problem, ...]]:
        """Read unseen classes that differ from one class only in case or a final full stop."""
        unseen = (ids < 0) & without_missing(text, MISSING_LEVELS).is_not_null().to_numpy()
        if not unseen.any():
            return ids, ()
        strange = text.filter(pl.Series(unseen)).unique(maintain_order=True).to_list()
        plain: dict[str, list[int]] = {}
        for number, level in enumerate(self.levels):
            plain.setdefault(_plain(level), []).append(number)
        problems = []
        for cell in strange[:1000]:
            fits = plain.get(_plain(cell), [])
            where = f"target cells {cell[:60]!r}"
            if len(fits) == 1:
                ids = np.where((text == cell).fill_null(False).to_numpy(), fits[0], ids)
                problems.append(Problem(where, f"read as the class {self.levels[fits[0]]!r}"))
            else:
                problems.append(Problem(where, "no such class in the training rows; left out"))
        return ids, tuple(problems[:20])


def identifier_evidence(column: pl.Series) -> Evidence:
    """Return how much a column looks like an identifier of rows rather than a feature.

    Args:
        column: Raw cells; a name such as "id" or "index" speaks for it.
    """
    if not is_plain(column) or column.dtype.is_float() or column.dtype.is_temporal():
        return Evidence(0.0, "the cells are no identifiers")
    text = without_missing(as_text(column)).drop_nulls()
    distinct = text.n_unique()
    if len(text) < 20 or distinct < len(text):
        return Evidence(0.0, f"{distinct:,} distinct among {len(text):,} cells")
    has_name = bool(_IDENTIFIER_NAME.search(column.name)) or not column.name
    reason = f"each of the {len(text):,} cells is different"
    parsed = parse_numbers(column)
    if parsed.num_numbers >= _NUMBERS * parsed.num_present:
        numbers = parsed.values.drop_nulls()
        if not (numbers == numbers.round(0)).all():
            return Evidence(0.0, f"{reason}, but they are quantities")
        is_counter = bool((numbers.diff().drop_nulls() == 1).all()) and numbers[0] in (0, 1)
        if is_counter:
            return Evidence(0.95, f"{reason}, and they count the rows from {numbers[0]:.0f}")
        return Evidence(
            0.9 if has_name else 0.0, f"{reason}, and the name speaks for an identifier"
        )
    if share_of(text.str.contains(r"\S\s+\S")) >= 0.5:
        return Evidence(0.0, f"{reason}, but they are texts")
    return Evidence(0.9, f"{reason}, and they are single words")


_NUMBERS = 0.95  # as many numbers as make a number column of others
_IDENTIFIER_NAME = re.compile(
    r"^(?i:id|index|idx|row|row_?(?:id|num|number|names?)|nr|no|pid|uuid|guid|unnamed.*|.*[_\s.-]id)$"
    r"|^.*[a-z]I[Dd]$|^ID.*$"
)


def _check_levels(levels: tuple[str, ...], cells: str) -> None:
    try:
        if cells == "integer":
            [int(level) for level in levels]
        if cells == "float":
            [float(level) for level in levels]
    except ValueError as error:
        raise BundleError(f"a level of a category is no {cells}: {error}.") from error


def _marks(text: pl.Series) -> tuple[str, ...]:
    """Leave "NA" a level where the others are two capitals too: countries, regions, states."""
    others = text.filter((text != "NA").fill_null(False)).unique()
    is_code = share_of(others.str.contains(r"^[A-Z]{2}$")) >= 0.9
    return tuple(mark for mark in MISSING_LEVELS if not (is_code and mark == "na"))


def _classes(
    name: str, table: pl.DataFrame, num_rows: int, options: ModalityOptions
) -> pl.DataFrame:
    num_classes = len(table)
    if num_classes < 2:
        found = f"only the class {table['level'][0]!r}" if num_classes else "no class at all"
        raise DataError(
            f"target {name!r} has {found} in {num_rows:,} training rows, and at least two are "
            "needed. Choose another target or add rows of other classes."
        )
    if num_classes > options.max_categories:
        raise DataError(
            f"target {name!r} has {num_classes:,} classes, more than max_categories = "
            f"{options.max_categories:,}. Choose another target, or treat it as a number."
        )
    order = sorted(range(num_classes), key=lambda i: _natural(table["level"][i]))
    return table[order]


def _as_written(levels: list[str], column: pl.Series, text: pl.Series) -> list[str]:
    """Return levels as most of the cells write them: a class "1.0" is answered as such."""
    written = as_written(column)
    if column.dtype != pl.String or not (written != text).any():
        return levels
    common = pl.DataFrame({"level": text, "written": written}).group_by("level")
    spelling = dict(common.agg(pl.col("written").mode().sort().first()).iter_rows())
    return [spelling[level] for level in levels]


def _natural(text: str) -> tuple[Any, ...]:
    try:
        return (0, float(text), ())
    except ValueError:
        parts = re.split(r"(\d+)", text)
        key = tuple((int(p), "") if p.isdecimal() else (-1, p.casefold()) for p in parts)
        return (1, 0.0, (*key, (-1, text)))


def _cells(kind: pl.DataType) -> str:
    if kind.is_integer():
        return "integer"
    if kind.is_float():
        return "float"
    return "boolean" if kind == pl.Boolean else "text"


def _plain(level: str) -> str:
    return level.strip().rstrip(".").casefold()


def _look_up(text: pl.Series, levels: tuple[str, ...], *, first: int, default: int) -> np.ndarray:
    if not levels:
        return np.full(len(text), default, dtype=np.int64)
    ids_of: dict[str, int] = {}
    # Levels may be spelt "1.0", and cells come as "1".
    for number, level in enumerate(as_text(pl.Series(levels, dtype=pl.String)).to_list(), first):
        ids_of.setdefault(level, number)
    ids = text.replace_strict(
        list(ids_of), list(ids_of.values()), default=default, return_dtype=pl.Int64
    )
    return ids.fill_null(default).to_numpy().copy()
