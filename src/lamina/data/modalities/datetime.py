"""Date-time: a moment or a day.

As an input it becomes the time scaled over the training range, the year, and sine and cosine of
month, weekday and hour, each only where it varies in the training rows. A missing one gives NaN.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch

from lamina.core.errors import DataError
from lamina.core.records import InputSpec
from lamina.data.modalities.base import (
    AbstractModality,
    Encoded,
    Evidence,
    ModalityOptions,
    none_failed,
    quantiles_of,
    read_quantiles,
)
from lamina.data.modalities.cells import as_text, is_plain, without_missing
from lamina.runtime.document import Fields
from lamina.runtime.times import FORMATS

_TIME = pl.Datetime("us")
_LEAST_SHARE = 0.95
_CYCLES = ("month", "weekday", "hour")


@dataclass(frozen=True, slots=True)
class ParsedTimes:
    """A column read as times."""

    values: pl.Series
    """Datetime in microseconds without a zone (UTC where a zone was given), null where missing."""
    num_present: int
    """Cells that are not missing."""
    format: str
    """How cells that are text are written; "" where they are none or nothing fits."""
    rival: str = ""
    """Another format that fits as well, for people; "" where there is none."""


@final
@dataclass(frozen=True, kw_only=True)
class DateTime(AbstractModality):
    """Fitted state of a date-time column."""

    name: ClassVar[str] = "datetime"
    kind: ClassVar[str] = "number"

    format: str
    """How cells that are text are written; "" finds out for each cell."""
    first: float
    """Earliest training time, seconds since 1970."""
    last: float
    """Latest training time, seconds since 1970."""
    first_year: int
    """Year of the earliest training time."""
    last_year: int
    """Year of the latest training time."""
    cycles: tuple[str, ...]
    """Which of month, weekday and hour vary in training."""
    quantiles: np.ndarray = field(compare=False)
    """float32 [numbers, 65], quantiles of the training values as encoded."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like times.

        Args:
            column: Raw cells.
            role: "input" or "target"; times are no targets.
        """
        if role == "target":
            return Evidence(0.0, "times cannot be predicted; turn them into a number first")
        if column.dtype.is_temporal() and column.dtype != pl.Duration:
            return Evidence(1.0, f"the cells are of the kind {column.dtype}")
        if column.dtype != pl.String:
            return Evidence(0.0, "the cells are neither times nor text")
        sample = column.gather_every(max(1, len(column) // 1_000))
        if not _may_be_times(sample):
            return Evidence(0.0, "the cells are plain numbers or have no digits")
        if _share(parse_times(sample)) < _LEAST_SHARE:
            return Evidence(0.0, "the cells are no times in a format that is known")
        parsed = parse_times(column)
        known = len(parsed.values) - parsed.values.null_count()
        reason = f"{known:,} of {parsed.num_present:,} cells are times written as {parsed.format}"
        if parsed.rival:
            reason += f" ({parsed.rival} fits too)"
        return Evidence(0.97 if _share(parsed) >= _LEAST_SHARE else 0.0, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:  # noqa: ARG003
        """Return the range of training times and what varies in them.

        Args:
            column: Raw cells of training rows.
            role: "input".
            options: Nothing in it concerns times.

        Raises:
            DataError: No cell is a time, or it is to be a target.
        """
        if role == "target":
            raise DataError(
                f"target {column.name!r} holds times, which cannot be predicted. Turn them into a "
                "number first, such as days since the start."
            )
        parsed = parse_times(column)
        times = parsed.values.drop_nulls()
        if not len(times):
            raise DataError(
                f"column {column.name!r} was to be a time, but no cell of {len(column):,} is one. "
                "Choose another modality for it."
            )
        seconds = times.cast(pl.Int64).to_numpy() / 1e6
        years = times.dt.year().to_numpy()
        state = cls(
            format=parsed.format,
            first=float(seconds.min()),
            last=float(seconds.max()),
            first_year=int(years.min()),
            last_year=int(years.max()),
            cycles=tuple(cycle for cycle in _CYCLES if _phase(times, cycle).n_unique() > 1),
            quantiles=np.zeros((0, 65), dtype=np.float32),
        )
        object.__setattr__(state, "quantiles", quantiles_of(state._numbers(times)))
        return state

    def encode(self, column: pl.Series) -> Encoded:
        """Return float32 [rows, numbers], NaN where missing.

        Args:
            column: Raw cells, of any rows.
        """
        times = parse_times(column, format=self.format).values
        numbers = torch.from_numpy(self._numbers(times).astype(np.float32))
        return Encoded(numbers, none_failed(len(column)))

    def show(self, cell: Any) -> str:
        """Return a time as text.

        Args:
            cell: A raw cell.
        """
        return "missing" if cell is None else str(cell)

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of the numbers of one time.

        Args:
            column: Name of the column.
        """
        names = (column,) * len(self.features)
        return InputSpec("number", "number", names, (len(names),), quantiles=self.quantiles)

    @property
    def features(self) -> tuple[str, ...]:
        """What the numbers are, in order, for people."""
        year = ("year",) if self.last_year > self.first_year else ()
        waves = (f"{cycle} {wave}" for cycle in self.cycles for wave in ("sine", "cosine"))
        return ("time", *year, *waves)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "format": self.format,
            "first": self.first,
            "last": self.last,
            "first_year": self.first_year,
            "last_year": self.last_year,
            "cycles": list(self.cycles),
            "quantiles": self.quantiles.tolist(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a date-time")
        cycles = fields.texts("cycles")
        first_year = fields.integer("first_year", least=-300_000, most=300_000)
        last_year = fields.integer("last_year", least=first_year, most=300_000)
        num_numbers = 1 + (last_year > first_year) + 2 * len(cycles)
        return cls(
            format=fields.text("format", ("", *FORMATS)),
            first=fields.number("first"),
            last=fields.number("last"),
            first_year=first_year,
            last_year=last_year,
            cycles=tuple(cycle for cycle in _CYCLES if cycle in cycles),
            quantiles=read_quantiles(fields, num_numbers),
        )

    def _numbers(self, times: pl.Series) -> np.ndarray:
        """Return float64 [rows, numbers]; the range of training maps to -1 to 1."""
        seconds = times.cast(pl.Int64).cast(pl.Float64).to_numpy() / 1e6
        columns = [_scaled(seconds, self.first, self.last)]
        if self.last_year > self.first_year:
            years = times.dt.year().cast(pl.Float64).to_numpy()
            columns.append(_scaled(years, self.first_year, self.last_year))
        for cycle in self.cycles:
            phase = _phase(times, cycle).to_numpy() * 2 * np.pi
            columns += [np.sin(phase), np.cos(phase)]
        return np.stack(columns, axis=1)


def parse_times(column: pl.Series, *, format: str | None = None) -> ParsedTimes:
    """Return a column read as times.

    Args:
        column: Raw cells.
        format: How cells that are text are written; found from the column where None. Cells that
            are written in another way are read each for itself, as all are where it is "".
    """
    kind = column.dtype
    if kind == pl.Time:
        midnight = pl.Series([0]).cast(pl.Datetime("us"))
        since = column.cast(pl.Duration("us"))
        times = pl.select(pl.lit(midnight).first() + pl.lit(since)).to_series().alias(column.name)
        return ParsedTimes(times, len(times) - times.null_count(), "")
    if kind.is_temporal() and kind != pl.Duration:
        values = column.dt.convert_time_zone("UTC") if getattr(kind, "time_zone", None) else column
        times = values.cast(pl.Datetime("us"))
        return ParsedTimes(times, len(times) - times.null_count(), "")
    if not is_plain(column) or kind != pl.String:
        empty = pl.Series(column.name, [None] * len(column), dtype=pl.Datetime("us"))
        return ParsedTimes(empty, len(column) - column.null_count(), "")
    text = without_missing(as_text(column))
    present = len(text) - text.null_count()
    if format is not None:
        return ParsedTimes(_read_each(text, format), present, format)
    best, rival = _formats_of(text.drop_nulls())
    if not best:
        empty = pl.Series(column.name, [None] * len(column), dtype=pl.Datetime("us"))
        return ParsedTimes(empty, present, "")
    return ParsedTimes(_read(text, best), present, best, rival)


def _formats_of(text: pl.Series) -> tuple[str, str]:
    """Return the format that reads most cells, and another that reads as many."""
    sample = text.gather_every(max(1, len(text) // 100)).head(100)
    counts = {way: len(sample) - _read(sample, way).null_count() for way in FORMATS}
    most = max(counts.values(), default=0)
    if most == 0:
        return "", ""
    ways = [way for way, count in counts.items() if count == most]
    # Day and month are told apart by the whole column: one of them goes beyond 12 somewhere.
    read = {way: _read(text, way) for way in ways}
    fewest = min(times.null_count() for times in read.values())
    ways = [way for way in ways if read[way].null_count() == fewest]
    # Of two that fit, that one under which the rows jump less in time is the likelier.
    ways.sort(key=lambda way: _jumps(read[way]))
    rivals = [way for way in ways[1:] if not read[way].equals(read[ways[0]])]
    return ways[0], rivals[0] if rivals else ""


def _read_each(text: pl.Series, format: str) -> pl.Series:
    """Read each cell without a look at the others, so that no row changes what another means.

    New rows may be written in another way than the training rows: the first way that fits is taken,
    and one that has day and month the other way round than `format` last.
    """
    times = _read(text, format) if format else text.set(text.is_not_null(), None).cast(_TIME)
    strange = text.filter(times.is_null() & text.is_not_null()).unique()
    if not len(strange):
        return times
    read = strange.set(strange.is_not_null(), None).cast(_TIME)
    usual = _first_of_day_and_month(format)
    for way in sorted(FORMATS, key=lambda way: {usual, _first_of_day_and_month(way)} == {"d", "m"}):
        read = read.zip_with(read.is_not_null(), _read(strange, way))
        if not read.null_count():
            break
    table = pl.DataFrame({"cell": strange, "time": read})
    joined = text.alias("cell").to_frame().join(table, on="cell", how="left", maintain_order="left")
    return times.zip_with(times.is_not_null(), joined["time"])


def _first_of_day_and_month(way: str) -> str:
    """Return "d" or "m", or "" where a year or the name of a month leaves no doubt."""
    found = re.match(r"%([dm])[./-]%[dm]", way)
    return found[1] if found else ""


def _jumps(times: pl.Series) -> float:
    return float(np.abs(np.diff(times.drop_nulls().cast(pl.Int64).to_numpy() / 1e6)).sum())


def _read(text: pl.Series, way: str) -> pl.Series:
    if "%H" in way or "%I" in way:
        if "z" in way:
            times = text.str.to_datetime(way, strict=False, time_unit="us", time_zone="UTC")
            return times.dt.replace_time_zone(None)
        times = text.str.to_datetime(way, strict=False, time_unit="us", exact=True)
        return _after_1000(times) if "%Y" in way else _of_two_digits(times, text, way)
    if way == "%Y-%m":
        text, way = text + "-01", "%Y-%m-%d"
    dates = text.str.to_date(way, strict=False, exact=True).cast(pl.Datetime("us"))
    if way == "%Y%m%d":
        is_likely = text.str.contains(r"^(?:19|20)\d{6}$").fill_null(False)
        dates = dates.set(~is_likely, None)
    return _after_1000(dates) if "%Y" in way else _of_two_digits(dates, text, way)


def _of_two_digits(times: pl.Series, text: pl.Series, way: str) -> pl.Series:
    """Refuse what polars takes for a year of two digits: whatever stands in their place."""
    gap = way[way.index("%y") + 2 :][:1]
    end = gap.strip() + r"\s*[0-9]{1,2}:" if gap else "$"
    pattern = r"^[0-9]{1,2}[./-]\s*(?:[0-9]{1,2}|[A-Za-z]{3})[./-]\s*[0-9]{1,2}" + end
    return times.set(~text.str.contains(pattern).fill_null(False), None)


def _after_1000(times: pl.Series) -> pl.Series:
    """A year of two digits is not one of the first century."""
    return times.set((times.dt.year() < 1000).fill_null(False), None)


def _phase(times: pl.Series, cycle: str) -> pl.Series:
    """Return where in its cycle each time stands, in [0, 1), null where missing."""
    if cycle == "month":
        return (times.dt.month().cast(pl.Float64) - 1) / 12
    if cycle == "weekday":
        return (times.dt.weekday().cast(pl.Float64) - 1) / 7
    return (times.dt.hour().cast(pl.Float64) + times.dt.minute().cast(pl.Float64) / 60) / 24


def _scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    half = (high - low) / 2 or 1.0
    scaled = np.clip((values - (low + high) / 2) / half, -1e6, 1e6)
    return scaled / np.sqrt(1.0 + (scaled / 3.0) ** 2)


def _may_be_times(sample: pl.Series) -> bool:
    """Rule out in one pass what most columns are: numbers, and words without digits."""
    has_digits = sample.str.contains(r"\d").fill_null(False)
    is_number = sample.str.contains(r"^\s*[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?\s*$").fill_null(False)
    is_packed = sample.str.contains(r"^\s*(?:19|20)\d{6}(?:\d{6})?\s*$").fill_null(False)
    return int((has_digits & (~is_number | is_packed)).sum()) > 0.5 * int(has_digits.sum()) > 0


def _share(parsed: ParsedTimes) -> float:
    known = len(parsed.values) - parsed.values.null_count()
    return known / parsed.num_present if parsed.num_present else 0.0
