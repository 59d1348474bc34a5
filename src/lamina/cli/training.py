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


def fit(
    source: o.Source,
    target: o.Target = None,
    test: o.Test = None,
    validation: o.Validation = None,
    time: o.Time = None,
    energy: o.Energy = None,
    out: o.Out = None,
    from_run: o.FromRun = None,
    settings: o.Settings = None,
    seed: o.Seed = None,
    columns: o.As = None,
    ignore: o.Ignore = None,
    group: o.Group = None,
    time_column: o.TimeColumn = None,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    header: o.Header = None,
    query: o.Query = None,
    overrule: o.Overrule = False,
    as_json: o.Json = False,
) -> None:
    """Train a network on data; write model, figures and report into a run folder."""
    from lamina.cli.show import show_run, watching
    from lamina.runs.fit import fit as fit_run
    from lamina.runs.request import make_request

    request = make_request(
        source,
        **_given(
            target=target,
            test=test,
            validation=validation,
            time=time,
            energy=energy,
            out=out,
            from_run=from_run,
            settings=settings,
            seed=seed,
            columns=columns,
            ignore=ignore,
            group=group,
            time_column=time_column,
            delimiter=delimiter,
            encoding=encoding,
            has_header=header,
            query=query,
            overrule=overrule,
        ),
    )
    with watching(is_json=as_json) as watch:
        run = fit_run(request, watch)
    show_run(run, is_json=as_json)


def plan(
    source: o.Source,
    target: o.Target = None,
    test: o.Test = None,
    validation: o.Validation = None,
    time: o.Time = None,
    energy: o.Energy = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: print only).")
    ] = None,
    from_run: o.FromRun = None,
    settings: o.Settings = None,
    seed: o.Seed = None,
    columns: o.As = None,
    ignore: o.Ignore = None,
    group: o.Group = None,
    time_column: o.TimeColumn = None,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    header: o.Header = None,
    query: o.Query = None,
    as_json: o.Json = False,
) -> None:
    """Say what fit would do, and why; write it as a YAML file to edit and fit."""
    from lamina.cli.show import show_plan
    from lamina.runs.fit import plan_only
    from lamina.runs.plan import write_plan
    from lamina.runs.request import make_request

    request = make_request(
        source,
        **_given(
            target=target,
            test=test,
            validation=validation,
            time=time,
            energy=energy,
            from_run=from_run,
            settings=settings,
            seed=seed,
            columns=columns,
            ignore=ignore,
            group=group,
            time_column=time_column,
            delimiter=delimiter,
            encoding=encoding,
            has_header=header,
            query=query,
        ),
    )
    made = plan_only(request)
    if out is not None:
        write_plan(made, out)
    show_plan(made, out, is_json=as_json)


def resume(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")], as_json: o.Json = False
) -> None:
    """Go on with an interrupted run, exactly where it stopped."""
    from lamina.cli.show import show_run, watching
    from lamina.runs.fit import resume as resume_run

    with watching(is_json=as_json) as watch:
        done = resume_run(run, watch)
    show_run(done, is_json=as_json)


def _given(**values: Any) -> dict[str, Any]:
    """Return the options that were given; empty lists count as not given."""
    return {name: value for name, value in values.items() if value is not None and value != []}
