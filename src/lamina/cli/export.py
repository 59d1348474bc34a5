"""`lamina export`."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command to the program.

    Args:
        app: The program.
    """
    app.command("export")(export)


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run; with --check, an exported file.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="File to write: model.onnx or model.pt2.", show_default=False),
    ] = None,
    precision: Annotated[
        str,
        typer.Option("--precision", help="float32, float16 (half the size) or int8 (quicker)."),
    ] = "float32",
    data: Annotated[
        str | None, typer.Option("--data", help="Rows to prove it on (default: the test rows).")
    ] = None,
    runtime: Annotated[
        bool,
        typer.Option(
            "--runtime",
            help="Also write lamina_runtime.zip beside it, which runs the file without lamina.",
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Verify an exported file from itself alone.")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Write a run's model as one file that answers raw rows anywhere, with a proof that it does."""
    if check:
        _check(run, file, is_json=as_json)
        return
    if file is None:
        raise typer.BadParameter("name the file to write, such as model.onnx.", param_hint="FILE")
    from lamina.cli.show import watching
    from lamina.cli.show_export import show_written
    from lamina.runs.export import export_run
    from lamina.runs.run import Run

    with watching(is_json=as_json) as watch:
        written = export_run(Run(run), file, precision=precision, data=data, watch=watch)
    archive = None
    if runtime:
        from lamina.export.archive import write_runtime

        archive = write_runtime(file.parent)
    show_written(written, archive, is_json=as_json)


def _check(first: Path, second: Path | None, *, is_json: bool) -> None:
    from lamina.cli.show_export import show_checked
    from lamina.export.formats import open_exported
    from lamina.runtime.vectors import check_vectors

    if second is not None:
        raise typer.BadParameter("--check takes one exported file and no run.", param_hint="FILE")
    function = open_exported(first)
    checked = check_vectors(function)
    show_checked(first, function, checked, is_json=is_json)
    if not checked.holds:
        raise typer.Exit(1)
