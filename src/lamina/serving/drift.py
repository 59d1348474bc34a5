"""Are the rows that come still like the rows of training? One index per column, noise considered.

Every column is cut into bins whose shares in training are known: ten between quantiles for numbers,
date-times and lengths of texts, one per frequent level for categories, and one for missing cells.
The population stability index compares the shares of the last rows with them:

    PSI = Σ_b (p_b - q_b) · ln(p_b / q_b)

Small windows give large indices by chance alone. Without drift, PSI divided by (1/N + 1/M) follows
a chi-squared distribution with B - 1 degrees of freedom (N rows in the window, M in training); the
threshold is its quantile at 1 - 0.001 / columns, so that a table of a hundred columns raises no
more false alarms than one of three. A column has drifted when it is above the threshold and above
0.25, and moved when it is above the threshold and above 0.1.

Source:
    Karakoulas (2004), "Empirical Validation of Retail Credit-Scoring Models", RMA Journal (the
    bounds 0.1 and 0.25); Yurdakul and Naranjo (2020), "Statistical Properties of the Population
    Stability Index", Journal of Risk Model Validation 14(4) (its distribution).
    Differs: half a row is added to each bin, so that an empty one gives a finite index; the number
    of training rows is taken as large.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import NormalDist
from typing import Any, final

import numpy as np

from lamina.runtime.signature import Field, Signature

MOVED = 0.1
"""Index above which a column has moved."""
DRIFTED = 0.25
"""Index above which a column has drifted."""
FALSE_ALARMS = 0.001
"""Chance that any column of a window without drift is above its threshold."""
LEAST_ROWS = 50
"""Rows from which on an index is told."""
_LEAST_SHARE = 0.02
"""Levels that are rarer in training share one bin."""


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How far one column is from training."""

    column: str
    """Its name."""
    psi: float | None
    """Population stability index; None while there are too few rows."""
    threshold: float | None
    """What noise alone may reach."""
    state: str
    """"stable", "moved", "drifted" or "unknown"."""
    bins: tuple[str, ...]
    """What each bin holds."""
    training: tuple[float, ...]
    """Share of training rows in each bin."""
    now: tuple[float, ...]
    """Share of the last rows in each bin."""

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return {
            "column": self.column,
            "psi": None if self.psi is None else round(self.psi, 6),
            "threshold": None if self.threshold is None else round(self.threshold, 6),
            "state": self.state,
            "bins": list(self.bins),
            "training": [round(share, 6) for share in self.training],
            "now": [round(share, 6) for share in self.now],
        }


@final
class DriftMonitor:
    """Counts the last rows by column and bin.

    Args:
        signature: Its fields hold the shares in training; columns without them are not watched.
        num_rows: Rows of the sliding window.
    """

    def __init__(self, signature: Signature, *, num_rows: int) -> None:
        found = [bins_of(field) for field in signature.fields]
        self._columns = [bins for bins in found if bins is not None]
        most = max((len(c.shares) for c in self._columns), default=1)
        self._window = np.full((num_rows, len(self._columns)), -1, dtype=np.int16)
        self._counts = np.zeros((len(self._columns), most), dtype=np.int64)
        self._next = 0
        self._seen = 0
        self._lock = threading.Lock()

    @property
    def num_rows(self) -> int:
        """Rows in the window."""
        return min(self._seen, len(self._window))

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Count rows; the oldest leave the window.

        Args:
            rows: Raw cells by column.
        """
        if not self._columns:
            return
        with self._lock:
            for row in rows[-len(self._window) :]:
                self._add_row([column.place(row.get(column.name)) for column in self._columns])

    def report(self) -> tuple[ColumnDrift, ...]:
        """Return how far each column is from training."""
        with self._lock:
            counts, total = self._counts.copy(), self.num_rows
        chance = FALSE_ALARMS / max(1, len(self._columns))
        return tuple(
            _compared(column, counts[i, : len(column.shares)], total, chance)
            for i, column in enumerate(self._columns)
        )

    def _add_row(self, places: Sequence[int]) -> None:
        old = self._window[self._next]
        counts = self._counts
        is_full = self._seen >= len(self._window)
        for column, place in enumerate(places):
            if is_full:
                counts[column, old[column]] -= 1
            counts[column, place] += 1
        old[:] = places
        self._next = (self._next + 1) % len(self._window)
        self._seen += 1


@dataclass(frozen=True, slots=True)
class Bins:
    """How one column is cut."""

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
        value = _as_number(cell, self.modality)
        if value is None:
            return missing
        # As in training: a value on an edge belongs to the bin below it.
        return int(np.searchsorted(self.edges, value, side="left"))


def bins_of(field: Field) -> Bins | None:
    """Return how a column is cut; None where training told nothing to compare with.

    Args:
        field: The column.
    """
    if field.modality in ("category", "boolean") and field.levels:
        return _level_bins(field)
    if len(field.quantiles) >= 3:
        return _value_bins(field)
    return None


def threshold_of(num_bins: int, num_rows: int, chance: float) -> float:
    """Return the index that noise alone exceeds with a given chance.

    Args:
        num_bins: Bins of the column.
        num_rows: Rows of the window.
        chance: Between 0 and 1.
    """
    return chi_squared_quantile(num_bins - 1, 1 - chance) / num_rows


def chi_squared_quantile(freedom: int, level: float) -> float:
    """Return a quantile of the chi-squared distribution, within 3 %.

    Args:
        freedom: Degrees of freedom.
        level: Between 0 and 1.

    Source:
        Wilson and Hilferty (1931), "The Distribution of Chi-Square", PNAS 17(12).
    """
    if freedom < 1:
        return 0.0
    spread = 2 / (9 * freedom)
    normal = NormalDist().inv_cdf(level)
    return float(freedom * max(0.0, 1 - spread + normal * math.sqrt(spread)) ** 3)


def stability_index(now: np.ndarray, training: np.ndarray) -> float:
    """Return the population stability index of counts against shares.

    Args:
        now: Counts by bin, int [bins].
        training: Shares by bin, float [bins].
    """
    half = 0.5
    rows = now.sum()
    p = (now + half) / (rows + half * len(now))
    # The same is added to what was expected, so that equal shares give 0.
    q = (training * rows + half) / (training.sum() * rows + half * len(now))
    return float(((p - q) * np.log(p / q)).sum())


def _compared(column: Bins, counts: np.ndarray, total: int, chance: float) -> ColumnDrift:
    now = tuple(float(x) for x in counts / max(1, total))
    if total < LEAST_ROWS:
        return ColumnDrift(column.name, None, None, "unknown", column.texts, column.shares, now)
    psi = stability_index(counts, np.asarray(column.shares))
    threshold = threshold_of(len(counts), total, chance)
    state = "stable"
    if psi > threshold and psi > MOVED:
        state = "drifted" if psi > DRIFTED else "moved"
    return ColumnDrift(column.name, psi, threshold, state, column.texts, column.shares, now)


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
    )


def _value_bins(field: Field) -> Bins:
    """Return about ten bins between distinct quantiles, with the share that lies in each."""
    quantiles = np.asarray(field.quantiles)
    edges = np.unique(quantiles[1:-1])
    if len(edges) > 9:
        edges = np.unique(np.quantile(quantiles, np.linspace(0.1, 0.9, 9), method="nearest"))
    # The share up to an edge, from the quantiles themselves: ties make some bins larger.
    steps = len(quantiles) - 1
    up_to = [np.searchsorted(quantiles, edge, side="right") - 1 for edge in edges]
    shares = np.diff([0.0, *(min(1.0, place / steps) for place in up_to), 1.0])
    present = 1 - field.missing
    texts = [f"up to {edge:g}" for edge in edges] + [f"above {edges[-1]:g}"]
    return Bins(
        field.name,
        field.modality,
        (*(float(share) * present for share in shares), field.missing),
        (*texts, "missing"),
        edges=tuple(float(edge) for edge in edges),
    )


def _as_number(cell: Any, modality: str) -> float | None:
    """Return what quantiles of this modality are of; None where the cell tells none."""
    if modality == "text":
        return float(len(str(cell)))
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
