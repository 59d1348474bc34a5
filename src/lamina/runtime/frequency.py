"""How far apart the rows of a series lie in time.

Times are read as steps of one length: a number of seconds, of months (whose days vary), or, where
the time column holds plain numbers, of those.
"""

import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from lamina.runtime.errors import ConfigError, DataError

_UNITS = (
    (604_800, "week"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
)
_MONTH_DAYS = (28, 29, 30, 31)
_DAY = 86_400
_YEAR = 365.25 * _DAY


@dataclass(frozen=True, slots=True)
class Frequency:
    """Length of a step."""

    unit: str
    """"second", "month", or "number" for plain numbers."""
    length: float
    """Units in a step, above 0."""

    @property
    def name(self) -> str:
        """The step in words, such as "1 hour" or "3 months"."""
        if self.unit == "number":
            return f"{self.length:g}"
        if self.unit == "month":
            years = self.length / 12
            return _amount(years, "year") if years == int(years) else _amount(self.length, "month")
        for seconds, unit in _UNITS:
            if self.length % seconds == 0:
                return _amount(self.length / seconds, unit)
        return _amount(self.length, "second")

    def cycles(self) -> tuple[int, ...]:
        """Return the lengths in steps that cycles of such series customarily have, rising."""
        if self.unit == "number":
            return ()
        if self.unit == "month":
            return (round(12 / self.length),) if self.length < 12 and 12 % self.length == 0 else ()
        spans = (3_600, _DAY, 7 * _DAY, _YEAR)
        counts = [span / self.length for span in spans]
        whole = [round(count) for count in counts if abs(count - round(count)) < 0.02 * count]
        # Of weeks in a year 52 is the custom, though 52.18 it is.
        return tuple(sorted({count for count in whole if count > 1}))

    def steps(self, times: np.ndarray, series: np.ndarray | None = None) -> np.ndarray:
        """Return the number of the step that each time falls into.

        Args:
            times: float64 [rows], seconds since 1970 or plain numbers, NaN where missing.
            series: int64 [rows], number of the series of each row, whose clocks may be apart by
                less than a step; one series where None.

        Returns:
            float64 [rows], whole numbers (times off the grid go to the nearest), NaN where missing.
        """
        if self.unit == "month":
            return np.floor(_months(times) / self.length)
        own = np.zeros(len(times), dtype=np.int64) if series is None else series
        return np.round((times - _offsets(times, own, self.length)) / self.length)

    def later(self, time: float, count: int) -> float:
        """Return the time a number of steps later.

        Args:
            time: Seconds since 1970, or a plain number.
            count: Steps.
        """
        if self.unit != "month":
            return time + count * self.length
        moment = np.datetime64(round(time * 1e6), "us")
        month = moment.astype("datetime64[M]")
        wanted = month + np.timedelta64(int(count * self.length), "M")
        days = (moment - month).astype("timedelta64[us]")
        longest = (wanted + np.timedelta64(1, "M")).astype("datetime64[D]") - wanted.astype(
            "datetime64[D]"
        )
        is_last = (month + np.timedelta64(1, "M")).astype("datetime64[D]") - moment.astype(
            "datetime64[D]"
        ) == np.timedelta64(1, "D")
        clock = days % np.timedelta64(_DAY * 1_000_000, "us")
        most = (longest - np.timedelta64(1, "D")).astype("timedelta64[us]") + clock
        later = wanted.astype("datetime64[us]") + (most if is_last else min(days, most))
        return float(later.astype(np.int64)) / 1e6


def parse_frequency(text: str) -> Frequency:
    """Return the frequency that a name says: "1 hour", "30 minutes", "3 months" or "1".

    Args:
        text: As `Frequency.name` gives it.

    Raises:
        ConfigError: It says none.
    """
    amount, _, unit = text.strip().partition(" ")
    unit = unit.strip().removesuffix("s")
    lengths = {name: float(seconds) for seconds, name in _UNITS}
    with suppress(ValueError):
        count = float(amount)
        if count > 0 and math.isfinite(count):
            if not unit:
                return Frequency("number", count)
            if unit in lengths:
                return Frequency("second", count * lengths[unit])
            if unit in ("month", "year") and count == int(count):
                return Frequency("month", count * (12 if unit == "year" else 1))
    raise ConfigError(
        f"a step is a number of seconds, minutes, hours, days, weeks, months or years, such as "
        f'"1 hour", or a plain number; got {text!r}.'
    )


def find_frequency(times: np.ndarray, series: np.ndarray, *, is_number: bool) -> Frequency:
    """Return the step that most neighbouring rows of a series are apart.

    Args:
        times: float64 [rows], seconds since 1970 or plain numbers, NaN where missing.
        series: int64 [rows], number of the series of each row.
        is_number: The times are plain numbers.

    Raises:
        DataError: No two rows of a series have different times.
    """
    known = np.flatnonzero(~np.isnan(times))
    order = known[np.lexsort((times[known], series[known]))]
    gaps = np.diff(times[order])[np.diff(series[order]) == 0]
    gaps = gaps[gaps > 0]
    if not len(gaps):
        raise DataError(
            "a forecast needs series of two different times at least, and none was found. Name "
            "the column that holds the times, and the one that tells series apart."
        )
    values, counts = np.unique(np.round(gaps, 6), return_counts=True)
    length = float(values[counts.argmax()])
    if is_number:
        return Frequency("number", length)
    days = values / _DAY
    months = np.round(days / 30.4375)
    is_monthly = (months >= 1) & (np.abs(days - 30.4375 * months) <= 2.5)
    if length >= _MONTH_DAYS[0] * _DAY and counts[is_monthly].sum() > 0.8 * counts.sum():
        usual = np.bincount(months[is_monthly].astype(int), counts[is_monthly]).argmax()
        return Frequency("month", float(usual))
    return Frequency("second", length)


def _months(times: np.ndarray) -> np.ndarray:
    micro = np.where(np.isnan(times), 0, times) * 1e6
    months = micro.astype(np.int64).astype("datetime64[us]").astype("datetime64[M]")
    return np.where(np.isnan(times), np.nan, months.astype(np.int64).astype(np.float64))


def _offsets(times: np.ndarray, series: np.ndarray, length: float) -> np.ndarray:
    """Return where in a step most times of each row's series lie, so that rounding meets it."""
    known = np.flatnonzero(~np.isnan(times))
    places = np.round(np.mod(times[known], length), 6)
    order = np.lexsort((places, series[known]))
    place, owner = places[order], series[known][order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (np.diff(owner) != 0) | (np.diff(place) != 0)
    starts = np.flatnonzero(is_new)
    counts = np.diff(np.append(starts, len(order)))
    # Of places that are as frequent the least one: sorting keeps their order.
    best = np.lexsort((-counts, owner[starts]))
    owners = owner[starts][best]
    is_first = np.ones(len(best), dtype=bool)
    is_first[1:] = np.diff(owners) != 0
    found = np.zeros(int(series.max(initial=0)) + 1)
    found[owners[is_first]] = place[starts][best][is_first]
    return found[series]


def _amount(count: float, unit: str) -> str:
    number = f"{count:g}" if math.isfinite(count) else str(count)
    return f"{number} {unit}" if count == 1 else f"{number} {unit}s"
