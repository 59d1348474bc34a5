"""Columns from Python records whose types are only known once all were seen.

JSON lines and SQLite give every cell its own type. A first pass notes the types of each column, a
second one builds the columns; so a number in the last row cannot change what was already handed
out, and a stream gives the same cells as reading at once. Nested mappings become dotted columns,
lists of strings stay lists, and anything else that is nested becomes JSON text.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, TypeGuard

import polars as pl

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
    frozenset({"empty"}): pl.List(pl.String),
    frozenset({"numbers"}): pl.List(pl.Float64),
    frozenset({"vectors"}): pl.List(pl.List(pl.Float64)),
}
"""Types met in a column → type of the column; whatever is not listed becomes text."""


class ColumnKinds:
    """Names of columns, in order of first appearance, with the kinds of cell met in each."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._kinds: dict[str, set[str]] = {name: set() for name in names}

    def see(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Note the kinds of cell in some records.

        Args:
            records: Mappings of column name to cell.
        """
        for name, cells in to_columns(records).items():
            self._kinds.setdefault(name, set()).update(_kinds(cells))

    def schema(self) -> dict[str, Any]:
        """Return the type of each column."""
        # An empty list may be one of anything.
        told = {name: (kinds - {"empty"}) or kinds for name, kinds in self._kinds.items()}
        return {name: _TYPES.get(frozenset(kinds), pl.String) for name, kinds in told.items()}

    def build(self, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Return records as a frame with the columns of all that was seen.

        Args:
            records: Records that were all seen.
        """
        columns = to_columns(records)
        nothing = [None] * len(records)
        series = [
            pl.Series(name, _fit(columns.get(name, nothing), kind), dtype=kind)
            for name, kind in self.schema().items()
        ]
        return pl.DataFrame(series)


def to_columns(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the cells by column, with dotted names for nested mappings.

    Args:
        records: Mappings of column name to cell; a name left out is a null.
    """
    names = list(dict.fromkeys(chain.from_iterable(records)))
    columns: dict[str, list[Any]] = {}
    for name in names:
        cells = [record.get(name) for record in records]
        if dict not in set(map(type, cells)):
            columns[str(name)] = cells
            continue
        pictures = [cell["bytes"] if _is_picture(cell) else cell for cell in cells]
        nested = [cell if isinstance(cell, dict) else {} for cell in pictures]
        below = to_columns(nested)
        plain = [None if isinstance(cell, dict) else cell for cell in pictures]
        if not below or any(cell is not None for cell in plain):
            columns[str(name)] = plain
        columns.update({f"{name}.{key}": cells for key, cells in below.items()})
    return columns


def _is_picture(cell: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether a cell is a picture in the Hugging Face form, not yet decoded."""
    if not isinstance(cell, dict) or set(cell) != {"bytes", "path"}:
        return False
    return isinstance(cell["bytes"], bytes)


def _kinds(cells: list[Any]) -> set[str]:
    found = set()
    for kind in set(map(type, cells)):
        name = _KIND_OF_TYPE.get(kind)
        if name is not None:
            found.add(name)
        elif kind is not type(None):
            found |= {_kind(cell) for cell in cells if type(cell) is kind}
    return found


_KIND_OF_TYPE = {bool: "boolean", float: "float", str: "string", bytes: "bytes"}


def _kind(cell: Any) -> str:
    if isinstance(cell, int):
        return "integer" if -(1 << 63) <= cell < 1 << 63 else "float"
    if isinstance(cell, (bytearray, memoryview)):
        return "bytes"
    if isinstance(cell, datetime):
        return "datetime" if cell.tzinfo is None else "other"
    if isinstance(cell, date):
        return "date"
    if isinstance(cell, (list, tuple)):
        return _kind_of_list(cell)
    if isinstance(cell, str):
        return "string"
    return "float" if hasattr(cell, "__float__") else "other"


def _kind_of_list(cell: Sequence[Any]) -> str:
    """Return "strings", "numbers" or "vectors" where a list holds nothing else, or nulls."""
    items = [item for item in cell if item is not None]
    if not items:
        return "empty" if not cell else "other"
    if all(isinstance(item, str) for item in items):
        return "strings"
    if all(map(_is_number, items)):
        return "numbers"
    inner = [one for item in items if isinstance(item, (list, tuple)) for one in item]
    is_nested = all(isinstance(item, (list, tuple)) for item in items)
    if is_nested and inner and all(one is None or _is_number(one) for one in inner):
        return "vectors"
    return "other"


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool)


def _fit(cells: list[Any], kind: Any) -> list[Any]:
    if kind == pl.String:
        return [None if cell is None else _as_text(cell) for cell in cells]
    if kind == pl.Float64:
        return [None if cell is None else float(cell) for cell in cells]
    if kind == pl.List(pl.Float64):
        return [None if cell is None else _floats(cell) for cell in cells]
    if kind == pl.List(pl.List(pl.Float64)):
        return [
            None if cell is None else [None if one is None else _floats(one) for one in cell]
            for cell in cells
        ]
    if kind == pl.Binary:
        return [None if cell is None else bytes(cell) for cell in cells]
    return cells


def _floats(cell: Sequence[Any]) -> list[float | None]:
    return [None if item is None else float(item) for item in cell]


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return bytes(cell).decode(errors="replace")
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return json.dumps(cell, ensure_ascii=False, default=str)
