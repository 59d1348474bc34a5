"""`lamina explain`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command to the program.

    Args:
        app: The program.
    """
    app.command("explain")(explain)


@o.takes(o.READING)
def explain(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")],
    given: dict[str, Any],
    source: Annotated[
        str | None, typer.Argument(help="Rows to explain (default: the data of the run).")
    ] = None,
    row: Annotated[int, typer.Option("--row", help="Number of the row, from 0.")] = 0,
    method: Annotated[
        str | None,
        typer.Option("--method", help="Such as occlusion or integrated_gradients."),
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option("--answer", help="Class, label, target or quantile to explain."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Page to write the explanation to (.html).")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Say why a trained network answers a row as it does, and how far that can be relied on."""
    from lamina.cli.show import show_row_explanation
    from lamina.runs.run import Run

    found = Run(run).explain(source, row=row, method=method, answer=answer, **given)
    show_row_explanation(found, out, is_json=as_json)
