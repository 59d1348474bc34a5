"""Options that several commands share, and how results are printed."""

import functools
import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

Source = Annotated[
    str,
    typer.Argument(
        help="File, folder, built-in name (digits, wine, …), query, files line by line "
        "('a.{en,de}'), or plan.yaml."
    ),
]
Target = Annotated[
    list[str] | None,
    typer.Option("--target", help="Column to predict; may be given several times."),
]
Test = Annotated[str | None, typer.Option("--test", help="Source of the test rows.")]
Validation = Annotated[
    str | None, typer.Option("--validation", help="Source of the validation rows.")
]
Time = Annotated[
    str | None, typer.Option("--time", help="Wall time for training, such as 90s or 5m.")
]
Energy = Annotated[
    str | None, typer.Option("--energy", help="Energy for training, such as 500J or 20Wh.")
]
Size = Annotated[
    float | None,
    typer.Option(
        "--size", help="How large the network is to be, where there is a dial (see docs)."
    ),
]
Objective = Annotated[
    str | None,
    typer.Option("--objective", help="Loss to learn by; masked fills in hidden words of texts."),
]
Horizon = Annotated[
    int | None, typer.Option("--horizon", help="Steps ahead to forecast, after the last row.")
]
Known = Annotated[
    list[str] | None,
    typer.Option("--known", help="Column whose future is known when a forecast is made."),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder of the run (default: runs/NAME-N).")
]
FromRun = Annotated[
    Path | None, typer.Option("--from", help="Run whose trained network to start from.")
]
Pretrained = Annotated[
    str | None,
    typer.Option(
        "--pretrained", help="Published model to start from: a folder, or hub:OWNER/NAME."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="NAME=VALUE of the plan, such as network.depth=6; repeatable."),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", help="Seed of everything random (default: 0, or that of the plan)."),
]
As = Annotated[
    list[str] | None,
    typer.Option("--as", help="COLUMN=MODALITY, such as zip=category; repeatable."),
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", help="Column to leave out; repeatable.")
]
Group = Annotated[
    str | None,
    typer.Option("--group", help="Column whose equal values stay on one side of the split."),
]
TimeColumn = Annotated[
    str | None, typer.Option("--time-column", help="Column by whose order rows are split.")
]
SeriesColumn = Annotated[
    str | None, typer.Option("--series", help="Column that tells the series of a table apart.")
]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="Separator of a CSV file.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Encoding of a text file.")]
Header = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether a CSV file names its columns.")
]
Query = Annotated[str | None, typer.Option("--query", help="SQL query, for a database source.")]
Overrule = Annotated[bool, typer.Option("--overrule", help="Go on in spite of severe findings.")]
Track = Annotated[
    str | None,
    typer.Option(
        "--track", help="Follow the run elsewhere, too: tensorboard or mlflow, each with =WHERE."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]

READING: Mapping[str, Any] = {
    "delimiter": Delimiter,
    "encoding": Encoding,
    "has_header": Header,
    "query": Query,
}
"""How a source is read, under the names that the library gives these options."""

DATA: Mapping[str, Any] = {
    "target": Target,
    "test": Test,
    "columns": As,
    "ignore": Ignore,
    "group": Group,
    "time_column": TimeColumn,
    "series": SeriesColumn,
    "seed": Seed,
    **READING,
}
"""Which rows, and what their columns are for."""

PLANNING: Mapping[str, Any] = {
    "validation": Validation,
    "time": Time,
    "energy": Energy,
    "size": Size,
    "objective": Objective,
    "horizon": Horizon,
    "known": Known,
    "from_run": FromRun,
    "pretrained": Pretrained,
    "settings": Settings,
    **DATA,
}
"""All that decides a plan."""


def takes(options: Mapping[str, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command shared options; those that were used reach it as the mapping `given`.

    Args:
        options: Annotated types by name; each option may be left out.
    """

    def dress(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command)
        kept = [one for name, one in own.parameters.items() if name != "given"]
        kind = inspect.Parameter.KEYWORD_ONLY
        shared = [
            inspect.Parameter(name, kind, default=None, annotation=option)
            for name, option in options.items()
        ]

        @functools.wraps(command)
        def run(**words: Any) -> None:
            given = {name: value for name in options if _is_used(value := words.pop(name))}
            command(**words, given=given)

        parameters = [one.replace(kind=kind) for one in kept]
        places = [*parameters[:1], *shared, *parameters[1:]]
        run.__signature__ = own.replace(parameters=places)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in places}
        return run

    return dress


def _is_used(value: Any) -> bool:
    """Return whether an option was given; repeatable ones come as empty lists otherwise."""
    return value is not None and value != []


def print_json(value: Any) -> None:
    """Print one JSON object.

    Args:
        value: JSON-like; other values are printed as texts.
    """
    print(json.dumps(value, ensure_ascii=False, default=str))


def console(*, is_json: bool) -> Any:
    """Return a rich console; for machines it writes to standard error.

    Args:
        is_json: Standard output is kept for JSON.
    """
    from rich.console import Console

    return Console(stderr=is_json, highlight=False)
