"""Frozen dataclasses to and from plain documents (what YAML and JSON hold).

Inside the package a configuration is a frozen dataclass; here is the border where text becomes one.
pydantic checks each leaf; unknown fields are answered with the nearest known one.
"""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from lamina.core.errors import ConfigError, unknown_name
from lamina.core.table import Entry, look_up

Config = TypeVar("Config")


def to_document(config: Any) -> dict[str, Any]:
    """Return the fields of a config as a plain document, nested configs included.

    Args:
        config: A dataclass instance.
    """
    document = {}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        rows = field.metadata.get("rows")
        document[field.name] = (
            _plain(value) if rows is None else part_to_document(name_of(rows, value), value)
        )
    return document


def from_document(kind: type[Config], document: Mapping[str, Any], *, where: str) -> Config:
    """Return a config built from a document; fields left out keep their defaults.

    Args:
        kind: The dataclass wanted.
        document: Field names and values.
        where: Path of the document for messages, such as "network".

    Raises:
        ConfigError: A field is unknown, of the wrong type or out of range.
    """
    if not isinstance(document, Mapping):
        raise ConfigError(f"{where} must be a mapping of settings, got {document!r}.")
    hints = typing.get_type_hints(kind)
    names = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {}
    for name, value in document.items():
        if name not in names:
            raise ConfigError(unknown_name(f"setting of {where}", str(name), names))
        rows = names[name].metadata.get("rows")
        if rows is not None:
            values[name] = part_from_document(rows, value, what=names[name].metadata["what"])
            continue
        values[name] = _convert(hints[name], value, where=f"{where}.{name}")
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"{where} is incomplete: {error}.") from error


def part_to_document(name: str, config: Any) -> dict[str, Any]:
    """Return a named part of a table as a document with its name first.

    Args:
        name: Name in the table.
        config: The part's config.
    """
    return {"name": name, **to_document(config)}


def name_of(rows: Mapping[str, Entry[Any]], config: Any) -> str:
    """Return the name under which the class of a config stands in a table.

    Args:
        rows: The table of the parts; its values are config classes.
        config: The part's config.

    Raises:
        ConfigError: Its class is not in the table.
    """
    for name, entry in rows.items():
        if entry.value is type(config):
            return name
    raise ConfigError(
        f"{type(config).__name__} is in no row of its table; known: {', '.join(sorted(rows))}."
    )


def part_field(rows: Mapping[str, Entry[Any]], default: Any, *, what: str) -> Any:
    """Return a dataclass field that holds a part of a table; documents hold it with its name.

    Args:
        rows: The table of the parts; its values are config classes.
        default: Config used where a document leaves the field out, or its class.
        what: What the table holds, such as "feed-forward layer".
    """
    metadata = {"rows": rows, "what": what}
    if isinstance(default, type):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def part_from_document(
    rows: Mapping[str, Entry[Any]], document: Mapping[str, Any] | str, *, what: str
) -> Any:
    """Return the config of a part that a document names: `{"name": "mlp", "depth": 3}` or "mlp".

    Args:
        rows: The table of the parts; its values are config classes.
        document: The name, or the name with settings.
        what: What the table holds, such as "network".

    Raises:
        ConfigError: The name or a setting is unknown or wrong.
    """
    if isinstance(document, str):
        document = {"name": document}
    if not isinstance(document, Mapping) or not isinstance(document.get("name"), str):
        raise ConfigError(
            f"{what} needs a name, got {document!r}. Known: {', '.join(sorted(rows))}."
        )
    settings = {key: value for key, value in document.items() if key != "name"}
    kind = look_up(rows, document["name"], what=what)
    return from_document(kind, settings, where=what)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return to_document(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _convert(hint: Any, value: Any, *, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return from_document(typing.cast(Any, hint), value, where=where)
    from pydantic import TypeAdapter, ValidationError

    if isinstance(value, str) and _is_texts(hint):
        value = (value,)  # one text, where several may stand
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        wanted = getattr(hint, "__name__", str(hint))
        reason = error.errors()[0]["msg"]
        raise ConfigError(f"{where} must be {wanted}, got {value!r} ({reason}).") from error


def _is_texts(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple and typing.get_args(hint) == (str, ...)
