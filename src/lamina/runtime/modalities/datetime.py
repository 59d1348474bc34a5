"""Date-time: a moment or a day (see `lamina.data.modalities.datetime`)."""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import as_text, without_missing
from lamina.runtime.document import Fields
from lamina.runtime.modalities.base import AbstractReader, Read
from lamina.runtime.times import DAY_US, FORMATS, date_of, days_from, read_time, way_of, weekday

CYCLES = ("month", "weekday", "hour")
"""What may recur, in the order of the numbers."""

_MICROSECOND = datetime.timedelta(microseconds=1)


@final
class DateTimeReader(AbstractReader):
    """Reads moments.

    Args:
        format: How cells that are text are written; "" finds out for each cell.
        span: Earliest and latest training time, seconds since 1970.
        years: Years of these.
        cycles: Which of month, weekday and hour vary in training.
    """

    name: ClassVar[str] = "datetime"
    kind: ClassVar[str] = "number"

    def __init__(
        self,
        format: str,
        *,
        span: tuple[float, float],
        years: tuple[int, int],
        cycles: Sequence[str],
    ) -> None:
        usual = _first_of_day_and_month(format)
        rest = sorted(FORMATS, key=lambda way: {usual, _first_of_day_and_month(way)} == {"d", "m"})
        self._formats = [*([format] if format else []), *rest]
        self._span, self._years, self._cycles = span, years, tuple(cycles)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a date-time column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a date-time")
        cycles = fields.texts("cycles")
        first_year = fields.integer("first_year", least=-300_000, most=300_000)
        last_year = fields.integer("last_year", least=first_year, most=300_000)
        return cls(
            fields.text("format", ("", *FORMATS)),
            span=(fields.number("first"), fields.number("last")),
            years=(first_year, last_year),
            cycles=[cycle for cycle in CYCLES if cycle in cycles],
        )

    def read(self, cells: Sequence[Any]) -> Read:
        """Return float32 [rows, numbers], NaN where missing.

        Args:
            cells: Raw cells.
        """
        moments = [self._moment(cell) for cell in cells]
        present = np.array([moment is not None for moment in moments], dtype=bool)
        days = np.array([(moment or 0) // DAY_US for moment in moments], dtype=np.int64)
        micros = np.array([moment or 0 for moment in moments], dtype=np.int64)
        dates = [date_of(int(day)) for day in days]
        columns = [_scaled(micros / 1e6, *self._span)]
        if self._years[1] > self._years[0]:
            columns.append(_scaled(np.array([d[0] for d in dates], dtype=np.float64), *self._years))
        for cycle in self._cycles:
            phase = _phase(cycle, days, micros, dates) * 2 * np.pi
            columns += [np.sin(phase), np.cos(phase)]
        values = np.stack(columns, axis=1).astype(np.float32)
        values[~present] = np.nan
        return Read(values)

    def moments(self, cells: Sequence[Any]) -> np.ndarray:
        """Return cells in seconds since 1970, float64 [rows], NaN where missing.

        Args:
            cells: Raw cells.
        """
        found = [self._moment(cell) for cell in cells]
        micros = [np.nan if moment is None else float(moment) for moment in found]
        return np.array(micros, dtype=np.float64) / 1e6

    def _moment(self, cell: Any) -> int | None:
        """Return a cell in microseconds since 1970, or None where it is no time."""
        if isinstance(cell, str):
            text = without_missing(as_text(cell))
            if text is None or len(text) > 100:
                return None
            found = (read_time(text, way_of(format)) for format in self._formats)
            return next((moment for moment in found if moment is not None), None)
        if isinstance(cell, datetime.datetime):
            if cell.tzinfo is not None:
                cell = cell.astimezone(datetime.UTC).replace(tzinfo=None)
            return (cell - datetime.datetime(1970, 1, 1)) // _MICROSECOND
        if isinstance(cell, datetime.date):
            return days_from(cell.year, cell.month, cell.day) * DAY_US
        if isinstance(cell, datetime.time):
            seconds = (cell.hour * 60 + cell.minute) * 60 + cell.second
            return seconds * 1_000_000 + cell.microsecond
        return None


def _phase(
    cycle: str, days: np.ndarray, micros: np.ndarray, dates: list[tuple[int, int, int]]
) -> np.ndarray:
    """Return where in its cycle each moment stands, in [0, 1)."""
    if cycle == "month":
        return (np.array([date[1] for date in dates], dtype=np.float64) - 1) / 12
    if cycle == "weekday":
        return (np.array([weekday(int(day)) for day in days], dtype=np.float64) - 1) / 7
    minutes = (micros - days * DAY_US) // 60_000_000
    return (minutes // 60 + (minutes % 60) / 60) / 24


def _scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    half = (high - low) / 2 or 1.0
    scaled = np.clip((values - (low + high) / 2) / half, -1e6, 1e6)
    return scaled / np.sqrt(1.0 + (scaled / 3.0) ** 2)


def _first_of_day_and_month(way: str) -> str:
    """Return "d" or "m", or "" where a year or the name of a month leaves no doubt."""
    found = re.match(r"%([dm])[./-]%[dm]", way)
    return found[1] if found else ""
