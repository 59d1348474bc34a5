"""Are the rows that come still like the rows of training? One index per column, noise considered.

Every column is cut into bins whose shares in training are known, and so is each figure of pictures,
series and sounds: brightness, level, loudness, length, ... (see `drift_bins`, `runtime.figures`).
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
    Differs: half a row is added to each bin, so that an empty one gives a finite index.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, final

import numpy as np

from lamina.runtime.signature import Signature
from lamina.serving.drift_bins import Bins, watched, watched_history
from lamina.serving.pace import Pace

MOVED = 0.1
"""Index above which a column has moved."""
DRIFTED = 0.25
"""Index above which a column has drifted."""
FALSE_ALARMS = 0.001
"""Chance that any column of a window without drift is above its threshold."""
LEAST_ROWS = 50
"""Rows from which on an index is told."""
SLOW_SHARE = 0.05
"""Share of the time of one core that decoding pictures and sounds for this may take."""
SLOW_ROWS = 16
"""Rows of one request whose pictures and sounds are decoded, at most."""


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How far one column is from training."""

    column: str
    """Its name."""
    figure: str
    """Figure of its cells; "" where they are compared themselves."""
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
            "figure": self.figure,
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
        look = watched if signature.history is None else watched_history
        found = {field.name: look(field) for field in signature.fields}
        self._watched = {name: one for name, one in found.items() if one is not None}
        self._columns = [bins for one in self._watched.values() for bins in one.every]
        most = max((len(c.shares) for c in self._columns), default=1)
        self._window = np.full((num_rows, len(self._columns)), -1, dtype=np.int16)
        self._counts = np.zeros((len(self._columns), most), dtype=np.int64)
        self._next = 0
        self._seen = 0
        self._lock = threading.Lock()
        self._pace = Pace(SLOW_SHARE)

    @property
    def is_slow(self) -> bool:
        """Whether pictures or sounds have to be decoded to count a row."""
        return any(one.is_slow for one in self._watched.values())

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
        for row in rows[-len(self._window) :]:
            parts = (one.places(row.get(name)) for name, one in self._watched.items())
            places = [place for part in parts for place in part]
            with self._lock:
                self._add_row(places)

    def sample(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a request to be counted by `add_sample`, where decoding takes a while.

        Args:
            rows: Raw cells by column.

        Returns:
            () while others are being counted, or where counting has taken its share of the time.
        """
        if not rows or not self._pace.begin():
            return ()
        return rows[:: math.ceil(len(rows) / SLOW_ROWS)]

    def add_sample(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Count rows that `sample` gave; in a thread, since it decodes their files.

        Args:
            rows: Raw cells by column.
        """
        try:
            self.add(rows)
        finally:
            self._pace.end()

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


def threshold_of(num_bins: int, num_rows: int, training_rows: int, chance: float) -> float:
    """Return the index that noise alone exceeds with a given chance.

    Args:
        num_bins: Bins of the column.
        num_rows: Rows of the window.
        training_rows: Rows that the shares in training were measured on; 0 for many.
        chance: Between 0 and 1.
    """
    noise = 1 / num_rows + (1 / training_rows if training_rows else 0.0)
    return chi_squared_quantile(num_bins - 1, 1 - chance) * noise


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
    psi = threshold = None
    state = "unknown"
    if total >= LEAST_ROWS:
        psi = stability_index(counts, np.asarray(column.shares))
        threshold = threshold_of(len(counts), total, column.num_rows, chance)
        state = "stable"
        if psi > threshold and psi > MOVED:
            state = "drifted" if psi > DRIFTED else "moved"
    return ColumnDrift(
        column=column.name,
        figure=column.figure,
        psi=psi,
        threshold=threshold,
        state=state,
        bins=column.texts,
        training=column.shares,
        now=tuple(float(x) for x in counts / max(1, total)),
    )
