"""How a column is cut into bins whose shares in training are known.

Ten between quantiles for numbers, date-times, lengths of texts and each figure of what is compared
by figures (pictures, series, sounds), one per frequent level for categories, and one for missing
cells.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lamina.runtime.figures.base import AbstractFigures
from lamina.runtime.figures.series import SeriesFigures
from lamina.runtime.figures.table import FIGURES
from lamina.runtime.modalities.series import as_steps
from lamina.runtime.signature import Field

_LEAST_SHARE = 0.02
"""Levels that are rarer in training share one bin."""


@dataclass(frozen=True, slots=True)
class Bins:
    """How one column, or one figure of its cells, is cut."""

    name: str
    """The column."""
    modality: str
    """Its modality."""
    shares: tuple[float, ...]
    """Share of training rows in each bin; the last one is of missing cells."""
    texts: tuple[str, ...]
    """What each bin holds."""
    edges: tuple[float, ...] = ()
    """Inner edges of rising values."""
    levels: Mapping[str, int] | None = None
    """Bin by level."""
    figure: str = ""
    """Name of the figure of its cells; "" where the cells themselves are compared."""
    num_rows: int = 0
    """Training rows that the shares were measured on; 0 for many."""

    def place(self, cell: Any) -> int:
        """Return the bin of a cell.

        Args:
            cell: Raw; None where missing.
        """
        missing = len(self.shares) - 1
        if cell is None:
            return missing
        if self.levels is not None:
            return self.levels.get(_level_text(cell), missing - 1)
        value = _as_number(cell, "" if self.figure else self.modality)
        if value is None:
            return missing
        # As in training: a value on an edge belongs to the bin below it.
        return int(np.searchsorted(self.edges, value, side="left"))


@dataclass(frozen=True, slots=True)
class Watched:
    """A column that is compared with training: once, or once per figure of its cells."""

    every: tuple[Bins, ...]
    """How it is cut, at least once."""
    figures: AbstractFigures | None = None
    """Measures its cells; None where they are compared themselves."""

    @property
    def is_slow(self) -> bool:
        """Whether a cell has to be decoded to be counted."""
        return self.figures is not None and self.figures.is_slow

    def places(self, cell: Any) -> list[int]:
        """Return the bins of a cell.

        Args:
            cell: Raw; None where missing.
        """
        if self.figures is None:
            return [bins.place(cell) for bins in self.every]
        # What cannot be read is as good as missing.
        found = (self.figures.measure(cell) if cell is not None else None) or {}
        return [bins.place(found.get(bins.figure)) for bins in self.every]


def watched(field: Field) -> Watched | None:
    """Return how a column is compared; None where training told nothing to compare with.

    Args:
        field: The column.
    """
    if field.modality in ("category", "boolean") and field.levels:
        return Watched((_level_bins(field),))
    if field.modality in FIGURES:
        found = _by_figures(field, FIGURES[field.modality](field))
        if found is not None:
            return found
    # Older files have quantiles of the level of a series.
    return Watched((_value_bins(field, field.quantiles),)) if len(field.quantiles) >= 3 else None


def watched_history(field: Field) -> Watched | None:
    """Return how a column of histories is compared: as series are, since none comes twice.

    Args:
        field: The column; figures of its past were measured where it holds numbers.
    """
    return _by_figures(field, SeriesFigures(replace(field, modality="series", channels=1)))


def _by_figures(field: Field, figures: AbstractFigures) -> Watched | None:
    # A damaged file may name what nobody measures.
    known = {name: field.figures.get(name, ()) for name in figures.names}
    found = [(name, values) for name, values in known.items() if len(values) >= 3]
    if not found:
        return None
    return Watched(tuple(_value_bins(field, v, figure=n) for n, v in found), figures)


def _level_bins(field: Field) -> Bins:
    kept = [(x, s) for x, s in zip(field.levels, field.shares) if s >= _LEAST_SHARE]
    shares = [share for _, share in kept]
    rest = max(0.0, 1 - sum(shares) - field.missing)
    return Bins(
        field.name,
        field.modality,
        (*shares, rest, field.missing),
        (*(level for level, _ in kept), "other levels", "missing"),
        levels={level: number for number, (level, _) in enumerate(kept)},
        num_rows=field.num_rows,
    )


def _value_bins(field: Field, values: Sequence[float], figure: str = "") -> Bins:
    """Return about ten bins between distinct quantiles, with the share that lies in each."""
    quantiles = np.asarray(values)
    edges = np.unique(quantiles[1:-1])
    if len(edges) > 9:
        edges = np.unique(np.quantile(quantiles, np.linspace(0.1, 0.9, 9), method="nearest"))
    texts = [f"up to {edge:g}" for edge in edges] + [f"above {edges[-1]:g}"]
    if edges[0] <= quantiles[0]:
        # Where many rows have the least value, what lies below it is another thing.
        edges = np.array([np.nextafter(quantiles[0], -np.inf), *edges])
        texts = [f"below {quantiles[0]:g}", *texts]
    # The share up to an edge, from the quantiles themselves: ties make some bins larger.
    steps = len(quantiles) - 1
    up_to = [max(0, np.searchsorted(quantiles, edge, side="right") - 1) for edge in edges]
    shares = np.diff([0.0, *(min(1.0, place / steps) for place in up_to), 1.0])
    present = 1 - field.missing
    return Bins(
        field.name,
        field.modality,
        (*(float(share) * present for share in shares), field.missing),
        (*texts, "missing"),
        edges=tuple(float(edge) for edge in edges),
        figure=figure,
        num_rows=field.num_rows,
    )


def _as_number(cell: Any, modality: str) -> float | None:
    """Return what quantiles of this modality are of; None where the cell tells none."""
    if modality == "text":
        return float(len(str(cell)))
    if modality == "series":
        steps = as_steps(cell)
        return None if isinstance(steps, str) else float(np.nanmean(steps))
    if isinstance(cell, datetime):
        return (cell.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    if isinstance(cell, (int, float)):
        return float(cell) if math.isfinite(cell) else None
    try:
        return float(cell)
    except (TypeError, ValueError):
        return None


def _level_text(cell: Any) -> str:
    """Return a level as training wrote it: 1, 1.0, "1" and "1.0" are one."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    text = str(cell).strip()
    whole = text.removesuffix(".0")
    return whole if whole != text and whole.lstrip("-").isdigit() else text
