import json
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from lamina.cli.options import As, Out, Seed, Source, console, print_json, takes


def test_json_is_one_line_and_takes_anything(capsys):
    print_json({"path": Path("a/ü"), "value": 1.5, "none": None})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {"path": "a/ü", "value": 1.5, "none": None}
    assert "ü" in out


def test_machines_have_standard_output_for_themselves(capsys):
    console(is_json=True).print("aside")
    console(is_json=False).print("here")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("here\n", "aside\n")


def test_shared_options_reach_a_command_only_where_they_were_used():
    taken = {}

    @takes({"seed": Seed, "columns": As})
    def command(source: Source, given: dict[str, Any], out: Out = None) -> None:
        """Do it."""
        taken.update(given, source=source, out=out)

    app = typer.Typer(add_completion=False)
    app.command()(command)
    shown = CliRunner().invoke(app, ["digits", "--as", "a=text", "--out", "run"])
    assert shown.exit_code == 0, shown.output
    assert taken == {"columns": ["a=text"], "source": "digits", "out": Path("run")}
