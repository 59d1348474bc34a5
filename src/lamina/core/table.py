"""Read-only tables of named parts.

A part that a file, a command or a web form can name stands in one written-out table per folder.
A duplicate is an error; a wrong name is answered with the nearest right one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from lamina.core.errors import ConfigError, unknown_name

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Entry(Generic[Value]):
    """One row of a table."""

    name: str
    """Name used in plans and on the command line."""
    value: Value
    """The part: a config class, a function or an object."""
    summary: str
    """One sentence for lists."""
    source: str = ""
    """Paper or origin."""


def table(*entries: Entry[Value]) -> Mapping[str, Entry[Value]]:
    """Return a read-only table.

    Args:
        *entries: The rows.

    Raises:
        ConfigError: Two entries share a name.
    """
    rows = {entry.name: entry for entry in entries}
    if len(rows) != len(entries):
        raise ConfigError("two entries share a name: " + ", ".join(e.name for e in entries))
    return MappingProxyType(rows)


def look_up(rows: Mapping[str, Entry[Value]], name: str, *, what: str) -> Value:
    """Return the part with this name.

    Args:
        rows: The table.
        name: The name to look up.
        what: What the table holds, for the error message.

    Raises:
        ConfigError: There is no such name; the message lists the known ones and the nearest.
    """
    if name not in rows:
        raise ConfigError(unknown_name(what, str(name), rows))
    return rows[name].value
