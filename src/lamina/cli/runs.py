"""`lamina runs`, `lamina compare`, `lamina verify-resume` and `lamina reproduce`."""

from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the commands to the program.

    Args:
        app: The program.
    """
    app.command("runs")(runs)
    app.command("compare")(compare)
    app.command("verify-resume")(verify_resume)
    app.command("reproduce")(reproduce)


def runs(
    folder: Annotated[Path, typer.Argument(help="Where runs lie.")] = Path("runs"),
    as_json: o.Json = False,
) -> None:
    """List runs with their figures."""
    from lamina.cli.show import show_runs
    from lamina.runs.listing import list_runs

    show_runs(list_runs(folder), is_json=as_json)


def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(help="Folder of another run.")],
    metric: Annotated[str | None, typer.Option("--metric", help="Metric to compare by.")] = None,
    as_json: o.Json = False,
) -> None:
    """Say whether one run is better than another, or whether the difference is noise."""
    from lamina.cli.show import show_comparison
    from lamina.runs.compare import compare_runs

    show_comparison(compare_runs(first, second, metric=metric), is_json=as_json)


def verify_resume(
    run: Annotated[Path, typer.Argument(help="Folder of a run, or a plan.")],
    kills: Annotated[int, typer.Option("--kills", help="How often to kill it.")] = 3,
    as_json: o.Json = False,
) -> None:
    """Kill a repetition of a run at random moments and compare the final weights bit by bit."""
    from lamina.cli.show import show_verification
    from lamina.runs.verify import verify_resume as verify

    outcome = verify(run, num_kills=kills)
    show_verification(outcome, is_json=as_json)
    if not outcome.is_equal:
        raise typer.Exit(1)


def reproduce(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")],
    out: o.Out = None,
    as_json: o.Json = False,
) -> None:
    """Run a run's plan again and say whether the result is identical, within noise or different."""
    from lamina.cli.show import show_reproduction, watching
    from lamina.runs.reproduce import reproduce as repeat

    with watching(is_json=as_json) as watch:
        outcome = repeat(run, out=out, watch=watch)
    show_reproduction(outcome, is_json=as_json)
    if outcome.verdict == "different":
        raise typer.Exit(1)
