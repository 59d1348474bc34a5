"""`lamina check`, `lamina predict` and `lamina score`."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the commands to the program.

    Args:
        app: The program.
    """
    app.command("check")(check)
    app.command("predict")(predict)
    app.command("score")(score)


def check(
    source: o.Source,
    target: o.Target = None,
    test: o.Test = None,
    columns: o.As = None,
    ignore: o.Ignore = None,
    group: o.Group = None,
    time_column: o.TimeColumn = None,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    header: o.Header = None,
    query: o.Query = None,
    seed: o.Seed = None,
    as_json: o.Json = False,
) -> None:
    """Look for faults in data before training: leaks, duplicates, identifiers, noise and more."""
    from lamina.cli.show import show_checked
    from lamina.runs.api import check as check_data

    options = {
        "target": target,
        "test": test,
        "columns": columns,
        "ignore": ignore,
        "group": group,
        "time_column": time_column,
        "delimiter": delimiter,
        "encoding": encoding,
        "has_header": header,
        "query": query,
        "seed": seed,
    }
    checked = check_data(source, **{n: v for n, v in options.items() if v is not None and v != []})
    show_checked(checked, is_json=as_json)
    if any(f.severity == "severe" for f in checked.findings):
        raise typer.Exit(2)


def predict(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")],
    source: o.Source,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File for the answers (.csv, .parquet, .jsonl)."),
    ] = None,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    header: o.Header = None,
    query: o.Query = None,
    as_json: o.Json = False,
) -> None:
    """Answer new rows with a trained network."""
    from lamina.cli.show import show_answers
    from lamina.data.sources.write import write_frame
    from lamina.runs.run import Run

    reading = _reading(delimiter, encoding, header, query)
    answers = Run(run).predict(source, **reading)
    if out is not None:
        write_frame(answers, out)
    show_answers(answers, out, is_json=as_json)


def score(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")],
    source: o.Source,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    header: o.Header = None,
    query: o.Query = None,
    as_json: o.Json = False,
) -> None:
    """Measure a trained network on new rows with known targets."""
    from lamina.cli.show import show_metrics
    from lamina.runs.run import Run

    show_metrics(
        Run(run).score(source, **_reading(delimiter, encoding, header, query)), is_json=as_json
    )


def _reading(
    delimiter: str | None, encoding: str | None, header: bool | None, query: str | None
) -> dict[str, object]:
    given = {
        "delimiter": delimiter,
        "encoding": encoding,
        "has_header": header,
        "query": query,
    }
    return {name: value for name, value in given.items() if value is not None}
