"""Moments from text, in the ways that people write them: what chrono, inside polars, reads.

Days are counted in whole numbers, so that years need not fit Python's own dates.

Source: chrono 0.4, https://docs.rs/chrono/latest/chrono/format/strftime (what each sign takes);
Hinnant 2013, "chrono-compatible low-level date algorithms" (days from a date).
"""

import re
from dataclasses import dataclass
from functools import cache

from lamina.runtime.cells import WHITE_SPACE

_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y"),
    *("%m-%d-%Y", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y"),
    *("%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%B-%Y"),
)
_CLOCKS = ("%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
FORMATS = (
    *_DAYS,
    *(f"{day}{gap}{clock}" for day in _DAYS for clock in _CLOCKS for gap in (" ", "T", ", ")),
    *("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.fZ"),
    *("%Y-%m-%d %H:%M:%S%.fZ", "%a, %d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %Y", "%Y%m%d"),
    *("%Y-%m", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S"),
)
"""Ways in which people write times; `%:z` is an offset such as +01:00."""

DAY_US = 86_400_000_000
"""Microseconds of a day."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_REST = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPACE = f"[{WHITE_SPACE}]"
_TWO = rf"{_SPACE}*+([0-9]{{1,2}}+)"
_SHORT = "|".join(_MONTHS)
_LONG = "|".join(f"{short}(?:{rest})?" for short, rest in zip(_MONTHS, _REST))
_SIGNS = {
    "%Y": ("year", rf"{_SPACE}*+([+-][0-9]++|[0-9]{{1,4}}+)"),
    "%y": ("short_year", _TWO),
    "%m": ("month", _TWO),
    "%d": ("day", _TWO),
    "%b": ("month_name", rf"((?i:{_SHORT}))"),
    "%B": ("month_name", rf"((?i:{_LONG}))"),
    "%a": ("weekday", rf"((?i:{'|'.join(_WEEKDAYS)}))"),
    "%H": ("hour", _TWO),
    "%I": ("half_hour", _TWO),
    "%M": ("minute", _TWO),
    "%S": ("second", _TWO),
    "%.f": ("fraction", r"(?:\.([0-9]++))?+"),
    "%p": ("half", r"((?i:am|pm))"),
    "%:z": ("offset", rf"{_SPACE}*+([+\-−][0-9]{{2}}[:{WHITE_SPACE}]*+[0-9]{{2}})"),
    "%z": ("offset", rf"{_SPACE}*+([+\-−][0-9]{{2}}[:{WHITE_SPACE}]*+[0-9]{{2}})"),
}
_SIGN = re.compile(r"%\.f|%:z|%[A-Za-z]|.", re.S)
_PACKED_DAY = re.compile(r"(?:19|20)\d{6}\Z")
_LEAST_YEAR, _MOST_YEAR = -262_143, 262_142


@dataclass(frozen=True, slots=True)
class Way:
    """One way of writing times, ready to read."""

    pattern: re.Pattern[str]
    """What a text must match as a whole."""
    signs: tuple[str, ...]
    """What each group of it is."""
    has_century: bool
    """Whether years are written in full; one before 1000 then is a mistake."""
    is_packed: bool
    """Whether it is eight digits that might be any number."""
    is_month: bool
    """Whether there is no day."""


@cache
def way_of(format: str) -> Way:
    """Return a way of writing times.

    Args:
        format: One of `FORMATS`.
    """
    parts, signs = [], []
    for piece in _SIGN.findall(format):
        if piece in _SIGNS:
            sign, pattern = _SIGNS[piece]
            signs.append(sign)
            parts.append(pattern)
        else:
            parts.append(_literal(piece))
    is_zoned = "z" in format
    return Way(
        re.compile("".join(parts) + r"\Z"),
        tuple(signs),
        "%Y" in format and not is_zoned,
        format == "%Y%m%d",
        format == "%Y-%m",
    )


def read_time(text: str, way: Way) -> int | None:
    """Return a moment in microseconds since 1970 (UTC where an offset is written), or None.

    Args:
        text: Stripped text.
        way: How it may be written.
    """
    found = way.pattern.match(text)
    if found is None or (way.is_packed and not _PACKED_DAY.match(text)):
        return None
    parts = {sign: value for sign, value in zip(way.signs, found.groups()) if value is not None}
    year, month = _year(parts), _month(parts)
    day = 1 if way.is_month else int(parts["day"])
    if year is None or not 1 <= month <= 12 or not 1 <= day <= _month_days(year, month):
        return None
    if way.has_century and year < 1000:
        return None
    days = days_from(year, month, day)
    name = parts.get("weekday")
    if name is not None and _WEEKDAYS[weekday(days) - 1] != name.lower():
        return None
    clock, offset = _clock(parts), _offset(parts.get("offset"))
    return None if clock is None or offset is None else days * DAY_US + clock - offset


def days_from(year: int, month: int, day: int) -> int:
    """Return days since 1970-01-01 of a date.

    Args:
        year: Of the Gregorian calendar.
        month: 1 to 12.
        day: From 1.
    """
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def date_of(days: int) -> tuple[int, int, int]:
    """Return year, month and day of a number of days since 1970-01-01.

    Args:
        days: The number.
    """
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    place = (5 * of_year + 2) // 153
    month = place + (3 if place < 10 else -9)
    return year + era * 400 + (month <= 2), month, of_year - (153 * place + 2) // 5 + 1


def weekday(days: int) -> int:
    """Return the day of the week, Monday 1 to Sunday 7.

    Args:
        days: Days since 1970-01-01.
    """
    return (days + 3) % 7 + 1


def _literal(piece: str) -> str:
    # A space stands for any number of them, none included.
    return f"{_SPACE}*+" if piece == " " else re.escape(piece)


def _year(parts: dict[str, str]) -> int | None:
    if "short_year" in parts:
        short = int(parts["short_year"])
        return short + (2000 if short < 70 else 1900)
    text = parts["year"]
    year = int(text) if len(text) < 9 else _MOST_YEAR + 1
    return year if _LEAST_YEAR <= year <= _MOST_YEAR else None


def _month(parts: dict[str, str]) -> int:
    name = parts.get("month_name")
    return int(parts["month"]) if name is None else _MONTHS.index(name[:3].lower()) + 1


def _month_days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _clock(parts: dict[str, str]) -> int | None:
    """Return microseconds since midnight, or None where there is no such time."""
    hour, minute = int(parts.get("hour", 0)), int(parts.get("minute", 0))
    if "half_hour" in parts:
        half = int(parts["half_hour"])
        if not 1 <= half <= 12:
            return None
        hour = half % 12 + (12 if parts["half"].lower() == "pm" else 0)
    second = int(parts.get("second", 0))
    # The second 60 is a leap second.
    if hour > 23 or minute > 59 or second > 60:
        return None
    fraction = int(parts.get("fraction", "0")[:6].ljust(6, "0"))
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction


def _offset(text: str | None) -> int | None:
    """Return microseconds ahead of UTC, or None where no place is as far."""
    if text is None:
        return 0
    digits = "".join(letter for letter in text if letter.isdigit())
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        return None
    return (1 if text[0] == "+" else -1) * (hours * 60 + minutes) * 60_000_000
