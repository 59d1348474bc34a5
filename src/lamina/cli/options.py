"""Options that several commands share, and how results are printed."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

Source = Annotated[
    str, typer.Argument(help="File, folder, built-in name (digits, wine, …), query, or plan.yaml.")
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
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder of the run (default: runs/NAME-N).")
]
FromRun = Annotated[
    Path | None, typer.Option("--from", help="Run whose trained network to start from.")
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
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="Separator of a CSV file.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Encoding of a text file.")]
Header = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether a CSV file names its columns.")
]
Query = Annotated[str | None, typer.Option("--query", help="SQL query, for a database source.")]
Overrule = Annotated[bool, typer.Option("--overrule", help="Go on in spite of severe findings.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]


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
