"""What a user asks of `fit`, `plan` and `check`: one frozen record, checked where it enters."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lamina.core.config import from_document
from lamina.core.durations import parse_duration, parse_energy
from lamina.core.errors import ConfigError, unknown_name
from lamina.core.table import look_up
from lamina.data.sources.base import SourceOptions
from lamina.objectives.table import OBJECTIVES

_READING = ("delimiter", "encoding", "has_header", "query", "file_column", "prose")


@dataclass(frozen=True, kw_only=True, slots=True)
class Roles:
    """What the user says about columns; empty where Lamina is to find out."""

    target: tuple[str, ...] = ()
    """Columns to predict; a text may name several, with commas between."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Modality by column, where the user knows better."""
    ignore: tuple[str, ...] = ()
    """Columns to leave out, likewise."""
    group: str | None = None
    """Column whose equal values stay on one side of the split."""
    time: str | None = None
    """Column by whose order the split is made."""
    series: str | None = None
    """Column that tells the series of a long table apart."""
    known: tuple[str, ...] = ()
    """Input columns whose future is known when a forecast is made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FitRequest:
    """One request for a run."""

    source: Any
    """Path, name, query, frame, mapping of arrays or data set."""
    test: Any = None
    """Source of the test rows; None splits them off."""
    validation: Any = None
    """Source of the validation rows; None splits them off."""
    roles: Roles = field(default_factory=Roles)
    """What the user says about columns."""
    reading: Mapping[str, Any] = field(default_factory=dict)
    """Options of the source: delimiter, encoding, has_header, query."""
    time_s: float | None = None
    """Wall time for training in seconds; None lets the recipe decide."""
    energy_j: float | None = None
    """Energy for training in joules; None means no limit."""
    horizon: int | None = None
    """Steps ahead to forecast; None where no forecast is asked for."""
    objective: str | None = None
    """Loss to learn by, such as "masked"; None leaves it to the recipe."""
    size: float | None = None
    """How large the network is to be, where the recipe has a dial; None lets it decide."""
    out: Path | None = None
    """Folder of the run; None makes a new one under `runs/`."""
    from_run: Path | None = None
    """Run whose network to start from."""
    pretrained: str | None = None
    """Published model to start from: a folder or hub:owner/name."""
    settings: tuple[str, ...] = ()
    """Values of the plan as NAME=VALUE."""
    seed: int | None = None
    """Seed of everything random; None takes that of the plan, and 0 without one."""
    is_overruled: bool = False
    """Go on in spite of severe findings."""


def make_request(source: Any, **options: Any) -> FitRequest:
    """Return a request from loose options, as a call or a command line gives them.

    Args:
        source: Path, name, query, frame, mapping of arrays or data set.
        **options: `target` (name or names), `test`, `validation`, `columns` (mapping or
            COLUMN=MODALITY texts), `ignore`, `group`, `time_column`, `series`, `horizon`,
            `known`, `time` ("5m"), `energy` ("20Wh"), `size`, `objective`, `out`, `from_run`,
            `pretrained`, `settings` (NAME=VALUE texts or mapping), `seed`, `overrule`, and options
            of the source (`delimiter`, `encoding`, `has_header`, `query`, `file_column`, `prose`).

    Raises:
        ConfigError: An option is unknown or its value cannot be read.
    """
    taken = {name: value for name, value in options.items() if value is not None}

    def take(name: str, default: Any = None) -> Any:
        return taken.pop(name, default)

    roles = Roles(
        target=_names(take("target", ())),
        columns=_pairs(take("columns", {}), what="--as", example="zip=category"),
        ignore=_names(take("ignore", ())),
        group=take("group"),
        time=take("time_column"),
        series=take("series"),
        known=_names(take("known", ())),
    )
    settings = take("settings", ())
    if isinstance(settings, Mapping):
        settings = tuple(f"{name}={_as_yaml(value)}" for name, value in settings.items())
    time, energy = take("time"), take("energy")
    out, from_run, pretrained = take("out"), take("from_run"), take("pretrained")
    seed, size, horizon = take("seed"), take("size"), take("horizon")
    objective = take("objective")
    reading = {n: take(n) for n in _READING if n in taken}
    reading_options(reading)
    request = FitRequest(
        source=source,
        test=take("test"),
        validation=take("validation"),
        roles=roles,
        reading=reading,
        time_s=None if time is None else parse_duration(time),
        energy_j=None if energy is None else parse_energy(energy),
        size=None if size is None else _size_of(size),
        objective=None if objective is None else objective_named(objective),
        horizon=None if horizon is None else _horizon_of(horizon),
        out=None if out is None else Path(out),
        from_run=None if from_run is None else Path(from_run),
        pretrained=None if pretrained is None else str(pretrained),
        settings=tuple(settings),
        seed=None if seed is None else seed_of(seed),
        is_overruled=bool(take("overrule", False)),
    )
    if taken:
        known = (
            "target, test, validation, columns, ignore, group, time_column, series, horizon, "
            "known, time, energy, size, objective, "
        )
        known += f"out, from_run, pretrained, settings, seed, overrule, {', '.join(_READING)}"
        raise ConfigError(unknown_name("option", sorted(taken)[0], known.split(", ")))
    return request


def objective_named(name: Any) -> str:
    """Return the name of an objective.

    Args:
        name: What the user wrote.

    Raises:
        ConfigError: There is no such objective.
    """
    look_up(OBJECTIVES, str(name), what="objective")
    return str(name)


def _horizon_of(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdigit() or not 0 < int(value) < 1_000_000:
        raise ConfigError(f"horizon must be a whole number of steps, got {value!r}. Try 24.")
    return int(value)


def _size_of(value: Any) -> float:
    try:
        size = float(value)
    except (TypeError, ValueError):
        size = 0.0
    if not 0 < size < 1000:
        raise ConfigError(f"size must be a number above 0, got {value!r}. Try 4.")
    return size


def reading_options(reading: Mapping[str, Any]) -> SourceOptions:
    """Return how to read a source from loose options.

    Args:
        reading: By name: `delimiter`, `encoding`, `has_header`, `query`, `file_column`.

    Raises:
        ConfigError: An option is unknown or its value wrong.
    """
    return from_document(SourceOptions, reading, where="reading")


def _as_yaml(value: Any) -> str:
    """Return a value of Python as it stands on the command line; texts stay as they are."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def column_names(given: tuple[str, ...], known: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that texts name: each a column, or several with commas between.

    Args:
        given: What the user wrote.
        known: The columns there are.
    """
    names: list[str] = []
    for text in given:
        parts = [text] if text in known else [part.strip() for part in text.split(",")]
        names += [part for part in parts if part]
    return tuple(names)


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


def _pairs(value: Any, *, what: str, example: str) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(name): str(kind) for name, kind in value.items()}
    pairs = {}
    for item in [value] if isinstance(value, str) else value:
        name, mark, kind = str(item).rpartition("=")
        if not mark or not name or not kind:
            raise ConfigError(f"{what} takes COLUMN=MODALITY, got {item!r}. Try {what} {example}.")
        pairs[name] = kind
    return pairs


def seed_of(value: Any) -> int:
    """Return a seed from what a user wrote.

    Args:
        value: A whole number, or a text of one.

    Raises:
        ConfigError: It is none, or out of range.
    """
    try:
        seed = int(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"seed must be a whole number, got {value!r}.") from error
    if not 0 <= seed < 2**62:
        raise ConfigError(f"seed must be between 0 and 2^62, got {seed}.")
    return seed
