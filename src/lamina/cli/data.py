"""`lamina check`, `lamina predict`, `lamina similar` and `lamina score`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli import options as o

Folder = Annotated[Path, typer.Argument(help="Folder of the run.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program.

    Args:
        app: The program.
    """
    app.command("check")(check)
    app.command("predict")(predict)
    app.command("similar")(similar)
    app.command("score")(score)


@o.takes(o.DATA)
def check(source: o.Source, given: dict[str, Any], as_json: o.Json = False) -> None:
    """Look for faults in data before training: leaks, duplicates, identifiers, noise and more."""
    from lamina.cli.show import show_checked
    from lamina.runs.api import check as check_data

    checked = check_data(source, **given)
    show_checked(checked, is_json=as_json)
    if any(f.severity == "severe" for f in checked.findings):
        raise typer.Exit(2)


@o.takes(o.READING)
def predict(
    run: Folder,
    source: o.Source,
    given: dict[str, Any],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="File for the answers (.csv, .parquet, .jsonl); folder for masks."
        ),
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Answer new rows with a trained network."""
    from lamina.cli.show import show_answers
    from lamina.data.sources.write import check_target, write_frame
    from lamina.runs.run import Run

    if out is not None and (out.is_dir() or not out.suffix):
        show_answers(Run(run).write_masks(source, out, **given), out, is_json=as_json)
        return
    if out is not None:
        check_target(out)
    answers = Run(run).predict(source, **given)
    if out is not None:
        write_frame(answers, out)
    show_answers(answers, out, is_json=as_json)


@o.takes(o.READING)
def similar(
    run: Folder,
    gallery: Annotated[str, typer.Argument(help="The collection: file, folder or query.")],
    given: dict[str, Any],
    queries: Annotated[
        str | None,
        typer.Argument(help="Rows to find others for; without it, each row of the collection."),
    ] = None,
    count: Annotated[int, typer.Option("--top", help="Rows to find for each.")] = 5,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File for the rows found (.csv, .parquet, .jsonl)."),
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Find the rows of a collection that a trained network sees as most like others."""
    from lamina.cli.show import show_answers
    from lamina.data.sources.write import check_target, write_frame
    from lamina.runs.run import Run

    if out is not None:
        check_target(out)
    found = Run(run).similar(gallery, queries, count=count, **given)
    if out is not None:
        write_frame(found, out)
    show_answers(found, out, is_json=as_json)


@o.takes(o.READING)
def score(run: Folder, source: o.Source, given: dict[str, Any], as_json: o.Json = False) -> None:
    """Measure a trained network on new rows with known targets."""
    from lamina.cli.show import show_metrics
    from lamina.runs.run import Run

    show_metrics(Run(run).score(source, **given), is_json=as_json)
