"""Raw cells to plain text and numbers, one cell at a time, in pure Python.

The counterpart of `data/modalities/cells.py`, which does the same with whole columns in polars; a
test over any cells holds the two equal. Spaces are stripped, the usual marks of a missing value
become None, and numbers are read in the notations that people write.
"""

import datetime
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np

MISSING_MARKS = (
    *("", "?", "na", "n/a", "n.a.", "#n/a", "<na>", "nan", "-nan", "null", "none", "nil", "nat"),
    *("-", "--", "---", ".", "missing", "unknown", "\\n"),
)
"""Lower-case cells that stand for a missing number, truth value or time."""

MISSING_LEVELS = ("", "?", "na", "n/a", "#n/a", "<na>", "nan", "null")
"""Lower-case cells that stand for a missing category: "none" and "-" may well be levels."""

WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What is stripped: the characters that Unicode calls white space, and no other."""

LARGEST = 1e100
"""Beyond this a variance overflows; such a number is a mark or an error, not a quantity."""

_MARKS = frozenset(MISSING_MARKS)
_EXACT = 2**53
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_WHOLE = re.compile(r"-?(0)\.0+\Z|(-?[1-9]\d{0,14})\.0+\Z")
_CURRENCY = re.compile(r"[$€£¥₹₽₩]|\b(?:usd|eur|gbp|chf|jpy)\b")
_BRACKETS = re.compile(r"\((.*\d.*)\)\Z")
_SIGN = re.compile("([+-]) +")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?\Z")
_SPACES = re.compile(r"[ \u00a0\u202f'’]")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?\Z")


def as_text(cell: Any) -> str | None:
    """Return a plain cell as stripped text, the same for 1, 1.0, "1" and "1.0".

    Args:
        cell: A raw cell; what is no single value is None.
    """
    text = as_written(cell)
    if text is not None and isinstance(cell, str) and text[-1:] == "0" and "." in text:
        found = _WHOLE.match(text)
        if found:
            return found[1] or found[2]
    return text


def as_written(cell: Any) -> str | None:
    """Return a plain cell as stripped text; text stays as it is spelt.

    Args:
        cell: A raw cell; what is no single value is None.
    """
    if isinstance(cell, str):
        return cell.strip(WHITE_SPACE)
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (int, np.integer)):
        return str(int(cell))
    if isinstance(cell, (float, np.floating)):
        return _float_text(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ", timespec="microseconds")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, datetime.time):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, Decimal):
        return str(cell)
    return None


def without_missing(text: str | None, marks: Iterable[str] = _MARKS) -> str | None:
    """Return text, or None where it is the mark of a missing value.

    Args:
        text: Stripped text.
        marks: Lower-case marks.
    """
    if text is None or (len(text) < 8 and text.lower() in marks and _is_short(text)):
        return None
    return text


def parse_number(cell: Any, *, decimal: str) -> float:
    """Return a cell read as a number; NaN where it is missing or none.

    Args:
        cell: A raw cell.
        decimal: Decimal mark of cells that are text, "." or ",".
    """
    if isinstance(cell, str):
        return _finite(_parse_text(cell, decimal))
    if isinstance(cell, (bool, int, float, np.bool_, np.integer, np.floating, Decimal)):
        try:
            return _finite(float(cell))
        except OverflowError:
            return math.nan
    if isinstance(cell, datetime.timedelta):
        return _finite((cell // datetime.timedelta(microseconds=1)) * 1e-6)
    return math.nan


def plain_cell(cell: Any) -> Any:
    """Return a cell without what wraps a single value: an array of one element is that element.

    Args:
        cell: A raw cell.
    """
    if isinstance(cell, np.ndarray) and cell.ndim == 0:
        return cell.item()
    if isinstance(cell, np.str_):
        return str(cell)
    if isinstance(cell, np.datetime64):
        return None if np.isnat(cell) else cell.astype("datetime64[us]").item()
    if isinstance(cell, np.timedelta64):
        return None if np.isnat(cell) else cell.astype("timedelta64[us]").item()
    return cell


def _parse_text(cell: str, decimal: str) -> float:
    text = as_text(cell)
    if without_missing(text) is None or text is None:
        return math.nan
    if decimal == "." and _FLOAT.match(text):
        return float(text)
    bare = _CURRENCY.sub("", text.lower(), count=1).strip(WHITE_SPACE)
    if bare[-1:] == "%":
        bare = bare[:-1].strip(WHITE_SPACE)
    # Accountants write negative numbers in brackets.
    bare = _SIGN.sub(r"\1", _BRACKETS.sub(r"-\1", bare, count=1), count=1)
    if _SPACED.match(bare):
        bare = _SPACES.sub("", bare)
    if decimal == ",":
        # A point among decimal commas parts the thousands, where groups of three fit.
        if _GROUPED.match(bare):
            bare = bare.replace(".", "")
        bare = bare.replace(",", ".", 1)
    elif _THOUSANDS.match(bare):
        bare = bare.replace(",", "")
    return float(bare) if _FLOAT.match(bare) else math.nan


def _is_short(text: str) -> bool:
    """Letters such as the Kelvin sign are plain ones in lower case; marks are written plainly."""
    return len(text.encode(errors="surrogatepass")) < 8


def _finite(value: float) -> float:
    return value if -LARGEST < value < LARGEST else math.nan


def _float_text(cell: Any) -> str | None:
    value = float(cell)
    if math.isnan(value):
        return None
    if abs(value) < _EXACT and value == int(value):
        return str(int(value))
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(cell, np.float32):
        # A number of fewer bits has shorter text.
        return _spelt(np.format_float_scientific(cell), value, -6, 13)
    return _spelt(repr(value), value, -5, 16)


def _spelt(text: str, value: float, least: int, most: int) -> str:
    """Return the digits of a number in plain notation where its exponent is in a range."""
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, rest = mantissa.lstrip("-").partition(".")
    if not exponent:
        return text
    digits, power = (whole + rest).rstrip("0"), int(exponent)
    sign = "-" if value < 0 else ""
    if 0 <= power < most:
        digits = digits.ljust(power + 1, "0")
        return f"{sign}{digits[: power + 1]}.{digits[power + 1 :] or '0'}"
    if least <= power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    point = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{point}e{power:+d}"
