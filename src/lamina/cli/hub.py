"""`lamina hub save`."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the commands to the program.

    Args:
        app: The program.
    """
    group = typer.Typer(no_args_is_help=True, help="Models for the Hugging Face hub.")
    group.command("save")(save)
    app.add_typer(group, name="hub")


def save(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")],
    folder: Annotated[Path, typer.Argument(help="Folder to write; empty or not there.")],
    license: Annotated[
        str, typer.Option("--license", help="Identifier of the licence, such as apache-2.0.")
    ] = "unknown",
    as_json: o.Json = False,
) -> None:
    """Write model, plan, figures and a model card into a folder for the hub."""
    from lamina.runs.run import Run

    place = Run(run).save_to_hub_folder(folder, license=license)
    if as_json:
        o.print_json({"folder": str(place), "license": license})
        return
    o.console(is_json=False).print(
        f"Written to {place}; read its README.md, then: hf upload OWNER/NAME {place}", markup=False
    )
