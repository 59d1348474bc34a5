"""`--set NAME=VALUE`: change any value of a plan by its path, or by a unique part of it.

`network.trunk.depth=6` is a full path. `network.depth=6` works too where only one setting called
`depth` lies below `network`. Naming a part (`training.optimizer=sgd`) swaps it whole, with the
defaults of the new part.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from lamina.core.errors import ConfigError


def apply_settings(
    document: Mapping[str, Any], settings: Iterable[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a changed copy of a plan's document, and the full paths that were set.

    Args:
        document: Nested plan.
        settings: NAME=VALUE texts; values are read as YAML.

    Raises:
        ConfigError: A name is unknown or fits several settings, or a text has no "=".
    """
    changed = _copy(document)
    paths = []
    for text in settings:
        name, value = split_setting(text)
        path = find_path(changed, name)
        _put(changed, path, _read(value, text))
        paths.append(".".join(path))
    return changed, tuple(paths)


def split_setting(text: str) -> tuple[str, str]:
    """Return the name of a setting and the text of its value.

    Args:
        text: NAME=VALUE.

    Raises:
        ConfigError: There is no "=" or no name.
    """
    name, mark, value = text.partition("=")
    if not mark or not name.strip():
        raise ConfigError(
            f"--set takes NAME=VALUE, got {text!r}. Try --set training.batch_size=128."
        )
    return name.strip(), value.strip()


_FREE = ("data.columns", "data.reading", "training.rates")
"""Settings below which any name may stand: columns, options, patterns of parameters."""


def find_path(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the full path that a name stands for.

    Args:
        document: Nested plan.
        name: A full path, or one with parts left out.

    Raises:
        ConfigError: Nothing fits, or several paths do; the message lists what was meant.
    """
    wanted = tuple(name.split("."))
    paths = list(_paths(document, ()))
    if wanted in paths:
        return wanted
    for free in _FREE:
        if name.startswith(f"{free}.") and tuple(free.split(".")) in paths:
            return (*free.split("."), name[len(free) + 1 :])
    fitting = [path for path in paths if path[-1] == wanted[-1] and _is_within(wanted, path)]
    shortest = [path for path in fitting if len(path) == min(map(len, fitting))]
    if len(shortest) == 1:
        return shortest[0]
    if fitting:
        names = ", ".join(".".join(path) for path in fitting)
        raise ConfigError(f"{name!r} fits several settings: {names}. Write the full name.")
    full = [".".join(path) for path in paths]
    near = difflib.get_close_matches(name, full, n=1, cutoff=0.0)
    by_last = difflib.get_close_matches(wanted[-1], [path[-1] for path in paths], n=1, cutoff=0.7)
    if by_last:
        near = [next(n for n, path in zip(full, paths) if path[-1] == by_last[0])]
    raise ConfigError(f"the plan has no setting {name!r}. Did you mean {near[0]!r}?")


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copy(item) for item in value]
    return value


def _paths(value: Any, prefix: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    if prefix:
        yield prefix
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths(item, (*prefix, str(key)))


def _is_within(wanted: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Return whether the wanted names occur in the path in this order."""
    rest = iter(path)
    return all(name in rest for name in wanted)


def _read(value: str, text: str) -> Any:
    try:
        return yaml.safe_load(value) if value.strip() else None
    except yaml.YAMLError as error:
        raise ConfigError(f"the value in {text!r} cannot be read. Put it in quotes.") from error


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    place = document
    for key in path[:-1]:
        place = place[key]
    old = place.get(path[-1])
    is_part = isinstance(old, Mapping) and "name" in old
    if path[-1] == "name" and isinstance(value, str) and len(place) > 1 and place["name"] != value:
        # The settings of the old part mean nothing to the new one.
        place.clear()
    place[path[-1]] = {"name": value} if is_part and isinstance(value, str) else value
