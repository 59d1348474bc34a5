"""`lamina fit`, `lamina plan` and `lamina resume`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the commands to the program.

    Args:
        app: The program.
    """
    app.command("fit")(fit)
    app.command("plan")(plan)
    app.command("resume")(resume)


@o.takes(o.PLANNING)
def fit(
    source: o.Source,
    given: dict[str, Any],
    out: o.Out = None,
    overrule: o.Overrule = False,
    track: o.Track = None,
    as_json: o.Json = False,
) -> None:
    """Train a network on data; write model, figures and report into a run folder."""
    from lamina.cli.show import show_run, watching
    from lamina.runs.fit import fit as fit_run
    from lamina.runs.request import make_request

    request = make_request(source, out=out, overrule=overrule, **given)
    with watching(is_json=as_json, track=track) as watch:
        run = fit_run(request, watch)
    show_run(run, is_json=as_json)


@o.takes(o.PLANNING)
def plan(
    source: o.Source,
    given: dict[str, Any],
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: print only).")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Say what fit would do, and why; write it as a YAML file to edit and fit."""
    from lamina.cli.show import show_plan
    from lamina.runs.fit import plan_only
    from lamina.runs.request import make_request

    made = plan_only(make_request(source, out=out, **given))
    show_plan(made, out, is_json=as_json)


def resume(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")],
    track: o.Track = None,
    as_json: o.Json = False,
) -> None:
    """Go on with an interrupted run, exactly where it stopped."""
    from lamina.cli.show import show_run, watching
    from lamina.runs.fit import resume as resume_run

    with watching(is_json=as_json, track=track) as watch:
        done = resume_run(run, watch)
    show_run(done, is_json=as_json)
