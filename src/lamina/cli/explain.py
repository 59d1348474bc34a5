"""`lamina explain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli import options as o

if TYPE_CHECKING:
    from lamina.explanation.records import RowExplanation


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
    row: Annotated[
        int | None,
        typer.Option("--row", help="Number of the row, from 0 (default: the whole model)."),
    ] = None,
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
    """Say why a trained network answers as it does, and how far that can be relied on.

    Of one row where a row, rows, a method or an answer is named; else what all answers rest on.
    """
    from lamina.cli.show import show_explained
    from lamina.runs.explanation_content import ModelExplanation, write_page
    from lamina.runs.run import Run

    if out is not None:
        check_page(out)
    opened = Run(run)
    found: RowExplanation | ModelExplanation
    if row is None and not (source or method or answer or given):
        found = opened.explain_model()
    else:
        found = opened.explain(source, row=row, method=method, answer=answer, **given)
    if out is not None:
        write_page(out, opened.folder, found)
    show_explained(found, out, is_json=as_json)


def check_page(out: Path) -> None:
    """Refuse a page that cannot be written, before any work is done.

    Args:
        out: The file.

    Raises:
        ConfigError: It is no HTML file, or its folder is not there.
    """
    from lamina.core.errors import ConfigError

    if out.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--out writes a page: {out} must end in .html.")
    if not out.resolve().parent.is_dir():
        raise ConfigError(f"there is no folder {out.resolve().parent} to write {out.name} to.")
