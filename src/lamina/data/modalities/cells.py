"""Raw cells to plain text and numbers, with polars expressions only.

Cells of a CSV file arrive mostly as strings. Here spaces are stripped, the usual marks of a missing
value become null, and numbers are read in the notations that people write: thousands separators,
percent and currency signs, and decimal commas where they fit the whole column.
"""

from dataclasses import dataclass

import polars as pl

from lamina.core.errors import DataError
from lamina.runtime.cells import LARGEST, MISSING_LEVELS, MISSING_MARKS

__all__ = [
    "MISSING_LEVELS",
    "MISSING_MARKS",
    "ParsedNumbers",
    "as_text",
    "as_written",
    "hashable",
    "is_plain",
    "parse_numbers",
    "share_of",
    "without_missing",
]

_CURRENCY = r"[$€£¥₹₽₩]|\b(?:usd|eur|gbp|chf|jpy)\b"
_THOUSANDS = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_DECIMAL_COMMA = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$"
_WHOLE = r"^-?(0)\.0+$|^(-?[1-9]\d{0,14})\.0+$"
_SPACED = r"^[+-]?\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?$"


@dataclass(frozen=True, slots=True)
class ParsedNumbers:
    """A column read as numbers."""

    values: pl.Series
    """Float64, null where missing or no number."""
    num_present: int
    """Cells that are not missing."""
    num_numbers: int
    """Cells that are numbers."""
    foreign: tuple[str, ...]
    """Some cells that are neither missing nor numbers."""
    decimal: str
    """Decimal mark, "." or ","."""
    notation: str
    """Unusual notation that was read, for people; "" where plain."""


def is_plain(column: pl.Series) -> bool:
    """Return whether the cells are single values: numbers, truth values, times or text.

    Args:
        column: Raw cells.
    """
    nested = (pl.List, pl.Array, pl.Struct, pl.Binary, pl.Object)
    return not any(column.dtype == kind for kind in nested)


def hashable(cells: pl.Series) -> pl.Series:
    """Return cells that polars can hash: lists and arrays as text or bytes, others as they are.

    Args:
        cells: Raw cells.
    """
    if cells.dtype == pl.Array:
        rows = cells.to_numpy()
        return pl.Series(cells.name, [row.tobytes() for row in rows], dtype=pl.Binary)
    if isinstance(cells.dtype, pl.List) and cells.dtype.inner.is_nested():
        texts = [None if cell is None else repr(cell) for cell in cells.to_list()]
        return pl.Series(cells.name, texts, dtype=pl.String)
    if cells.dtype == pl.List:
        return cells.cast(pl.List(pl.String)).list.join("\x1f")
    return cells


def as_text(column: pl.Series) -> pl.Series:
    """Return plain cells as stripped text, the same for 1, 1.0, "1" and "1.0".

    Args:
        column: Raw cells.

    Raises:
        DataError: The cells are not plain.
    """
    text = as_written(column)
    if column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean:
        return text
    is_whole = text.str.contains(_WHOLE)
    return text.str.replace(_WHOLE, "$1$2") if is_whole.any() else text


def as_written(column: pl.Series) -> pl.Series:
    """Return plain cells as stripped text; text stays as it is spelt.

    Args:
        column: Raw cells.

    Raises:
        DataError: The cells are not plain.
    """
    kind = column.dtype
    if not is_plain(column):
        raise DataError(
            f"column {column.name!r} holds {kind} cells, and single values are needed: numbers, "
            "text, truth values or times. Convert it, or ignore the column."
        )
    if kind.is_float():
        is_whole = (column == column.round(0)) & (column.abs() < 2**53)
        whole = column.set(~is_whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
        text = whole.zip_with(is_whole.fill_null(False), column.cast(pl.String))
        return text.set(column.is_nan().fill_null(False), None)
    if kind == pl.Boolean:
        return column.cast(pl.String)
    return column.cast(pl.String).str.strip_chars()


def without_missing(text: pl.Series, marks: tuple[str, ...] = MISSING_MARKS) -> pl.Series:
    """Return text with the marks of missing values turned to null.

    Args:
        text: Stripped text.
        marks: Lower-case marks.
    """
    is_missing = (text.str.len_bytes() < 8) & text.str.to_lowercase().is_in(list(marks))
    return text.set(is_missing.fill_null(False), None)


def share_of(is_so: pl.Series) -> float:
    """Return the share of cells that are true; 0 where there are none.

    Args:
        is_so: Truth values; a missing one counts as false.
    """
    return int(is_so.sum() or 0) / len(is_so) if len(is_so) else 0.0


def parse_numbers(column: pl.Series, *, decimal: str | None = None) -> ParsedNumbers:
    """Return a column read as numbers.

    Args:
        column: Raw cells.
        decimal: Decimal mark, "." or ","; found from the column where None.
    """
    if not is_plain(column):
        return _nothing(column)
    kind = column.dtype
    if kind.is_numeric() or kind == pl.Boolean:
        values = _finite(column.cast(pl.Float64))
        present = len(values) - values.null_count()
        return ParsedNumbers(values, present, present, (), decimal or ".", "")
    if kind == pl.Duration:
        values = column.dt.total_microseconds().cast(pl.Float64) / 1e6
        present = len(values) - values.null_count()
        return ParsedNumbers(values, present, present, (), decimal or ".", "read in seconds")
    if kind.is_temporal():
        return _nothing(column)
    text = without_missing(as_text(column))
    present = len(text) - text.null_count()
    values = text.cast(pl.Float64, strict=False) if decimal != "," else _empty(text)
    notation = ""
    if values.null_count() > text.null_count():
        values, decimal, notation = _parse_notations(text, values, decimal)
    values = _finite(values)
    foreign = text.filter(values.is_null() & text.is_not_null())
    numbers = present - len(foreign)
    examples = tuple(foreign.unique(maintain_order=True).head(3).to_list())
    return ParsedNumbers(values, present, numbers, examples, decimal or ".", notation)


def _parse_notations(
    text: pl.Series, values: pl.Series, decimal: str | None
) -> tuple[pl.Series, str, str]:
    """Read what a plain cast did not, and say which notation it was in."""
    rest = text.set(values.is_not_null(), None)
    notes = []
    bare = rest.str.to_lowercase()
    for sign, pattern in (("currency signs", _CURRENCY), ("percent signs", "%$")):
        if bare.str.contains(pattern).any():
            notes.append(sign)
            bare = bare.str.replace(pattern, "").str.strip_chars()
    # Accountants write negative numbers in brackets.
    bare = bare.str.replace(r"^\((.*\d.*)\)$", "-$1").str.replace("^([+-]) +", "$1")
    spaced = bare.str.contains(_SPACED).fill_null(False)
    if spaced.any():
        notes.append("spaces between thousands")
        bare = bare.str.replace_all(r"[ \u00a0\u202f'’]", "").zip_with(spaced, bare)
    has_comma = bare.str.contains(",", literal=True).fill_null(False)
    if has_comma.any() and decimal is None:
        commas = bare.filter(has_comma)
        fits_thousands = share_of(commas.str.contains(_THOUSANDS))
        fits_decimal = share_of(commas.str.contains(_DECIMAL_COMMA))
        decimal = "," if fits_decimal > fits_thousands else "."
    if decimal == ",":
        notes.append("decimal commas")
        whole = text.str.to_lowercase().zip_with(values.is_not_null(), bare)
        # A point in a column of decimal commas parts the thousands, where groups of three fit.
        grouped = r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$"
        is_grouped = whole.str.contains(grouped).fill_null(False)
        whole = whole.str.replace_all(".", "", literal=True).zip_with(is_grouped, whole)
        plain = whole.str.replace(",", ".", literal=True)
        return plain.cast(pl.Float64, strict=False), ",", ", ".join(notes)
    is_grouped = bare.str.contains(_THOUSANDS).fill_null(False)
    if is_grouped.any():
        notes.append("commas between thousands")
        bare = bare.str.replace_all(",", "", literal=True).zip_with(is_grouped, bare)
    parsed = bare.cast(pl.Float64, strict=False)
    return values.zip_with(values.is_not_null(), parsed), decimal or ".", ", ".join(notes)


def _finite(values: pl.Series) -> pl.Series:
    return values.set(~(values.abs() < LARGEST).fill_null(False), None)


def _empty(text: pl.Series) -> pl.Series:
    return pl.Series(text.name, [None], dtype=pl.Float64).extend_constant(None, len(text))[1:]


def _nothing(column: pl.Series) -> ParsedNumbers:
    present = len(column) - column.null_count()
    values = pl.Series(column.name, [None] * len(column), dtype=pl.Float64)
    return ParsedNumbers(values, present, 0, (), ".", "")
