"""Columns from Python records whose types are only known once all were seen.

JSON lines and SQLite give every cell its own type. A first pass notes the types of each column, a
second one builds the columns; so a number in the last row cannot change what was already handed
out, and a stream gives the same cells as reading at once. Nested mappings become dotted columns,
lists of strings stay lists, and anything else that is nested becomes JSON text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

_INT_RANGE = range(-(1 << 63), 1 << 63)

_TYPES: Mapping[frozenset[str], Any] = {
    frozenset(): pl.String,
    frozenset({"boolean"}): pl.Boolean,
    frozenset({"integer"}): pl.Int64,
    frozenset({"float"}): pl.Float64,
    frozenset({"integer", "float"}): pl.Float64,
    frozenset({"date"}): pl.Date,
    frozenset({"datetime"}): pl.Datetime("us"),
    frozenset({"bytes"}): pl.Binary,
    frozenset({"strings"}): pl.List(pl.String),
}
"""Types met in a column → type of the column; whatever is not listed becomes text."""


class ColumnKinds:
    """Names of columns, in order of first appearance, with the types of cell met in each."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._kinds: dict[str, set[str]] = {name: set() for name in names}

    def see(self, record: Mapping[str, Any]) -> None:
        """Note the types of one record.

        Args:
            record: Column name to cell.
        """
        for name, cell in flatten(record):
            kinds = self._kinds.get(name)
            if kinds is None:
                kinds = self._kinds[name] = set()
            if cell is not None:
                kinds.add(_kind(cell))

    def schema(self) -> dict[str, Any]:
        """Return the type of each column."""
        return {
            name: _TYPES.get(frozenset(kinds), pl.String) for name, kinds in self._kinds.items()
        }

    def build(self, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Return records as a frame with the columns of all that was seen.

        Args:
            records: Records that were all seen.
        """
        columns: dict[str, list[Any]] = {name: [None] * len(records) for name in self._kinds}
        for row, record in enumerate(records):
            for name, cell in flatten(record):
                columns[name][row] = cell
        schema = self.schema()
        return pl.DataFrame(
            [
                pl.Series(name, _fit(columns[name], kind), dtype=kind)
                for name, kind in schema.items()
            ]
        )


def flatten(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the cells of a record with dotted names for nested mappings.

    Args:
        record: Column name to cell.
        prefix: What the names are to begin with.
    """
    for key, cell in record.items():
        name = f"{prefix}{key}"
        if isinstance(cell, Mapping) and cell:
            if set(cell) == {"bytes", "path"} and isinstance(cell["bytes"], bytes):
                yield name, cell["bytes"]
            else:
                yield from flatten(cell, f"{name}.")
        else:
            yield name, cell


def _kind(cell: Any) -> str:
    if isinstance(cell, bool):
        return "boolean"
    if isinstance(cell, int):
        return "integer" if cell in _INT_RANGE else "float"
    if isinstance(cell, float):
        return "float"
    if isinstance(cell, str):
        return "string"
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return "bytes"
    if isinstance(cell, datetime):
        return "datetime" if cell.tzinfo is None else "other"
    if isinstance(cell, date):
        return "date"
    if isinstance(cell, (list, tuple)) and all(isinstance(item, str) for item in cell):
        return "strings"
    return "float" if hasattr(cell, "__float__") else "other"


def _fit(cells: list[Any], kind: Any) -> list[Any]:
    if kind == pl.String:
        return [None if cell is None else _as_text(cell) for cell in cells]
    if kind == pl.Float64:
        return [None if cell is None else float(cell) for cell in cells]
    if kind == pl.Binary:
        return [None if cell is None else bytes(cell) for cell in cells]
    return cells


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return bytes(cell).decode(errors="replace")
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return json.dumps(cell, ensure_ascii=False, default=str)
