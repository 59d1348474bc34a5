import json
from pathlib import Path

from lamina.cli.options import console, print_json


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
