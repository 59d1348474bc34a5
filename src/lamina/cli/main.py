"""The command line: `lamina COMMAND`. Errors become one clear message and an exit code.

Exit codes: 0 done, 2 wrong use or bad input, 1 anything else. Nothing heavy is imported before a
command runs, so `lamina --help` answers at once.
"""

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from lamina.cli import data, explain, export, generate, hub, runs, serve, training, transcribe
from lamina.core.errors import LaminaError, TrainingError

_INTERRUPTED = 130
"""What newer versions of typer return for Ctrl-C; older ones raise an exception named Abort."""

app = typer.Typer(
    name="lamina",
    help="Give it data; get a trained deep network, honest figures, and one safe file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        print(f"lamina {version('lamina')}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and stop.",
        ),
    ] = False,
) -> None:
    del version


training.register(app)
data.register(app)
explain.register(app)
export.register(app)
generate.register(app)
transcribe.register(app)
runs.register(app)
hub.register(app)
serve.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit.

    Args:
        arguments: Words of the command line; None takes those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign must not stop a run.
        if isinstance(stream, io.TextIOWrapper) and (stream.encoding or "").lower() != "utf-8":
            stream.reconfigure(errors="replace")
    try:
        code = app(words, standalone_mode=False)
    except LaminaError as error:
        _fail(str(error), is_json="--json" in words)
        sys.exit(1 if isinstance(error, TrainingError) else 2)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Nobody reads any more; what is left in the buffer must not be complained about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        place = "" if error.filename is None else f"{error.filename}: "
        _fail(f"{place}{error.strerror or error}.", is_json="--json" in words)
        sys.exit(1)
    except Exception as error:
        # Wrong usage comes as an exception of click, which some versions of typer bring within.
        if type(error).__name__ == "Abort":
            code = _INTERRUPTED
        elif not hasattr(error, "show") or not hasattr(error, "exit_code"):
            raise
        else:
            error.show()
            sys.exit(2)
    if code == _INTERRUPTED:
        _fail("interrupted.", is_json="--json" in words)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, *, is_json: bool) -> None:
    if is_json:
        import json

        print(json.dumps({"error": message}, ensure_ascii=False))
    print(f"lamina: {message}", file=sys.stderr)
