"""`lamina hub save`, from the command line."""

import json

import pytest

from lamina.cli.main import main
from tests.runs.tiny import finished


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    return stop.value.code, capsys.readouterr()


def test_a_run_is_saved_for_the_hub(tmp_path, capsys) -> None:
    out = tmp_path / "hub"
    code, told = run(
        capsys, "hub", "save", finished("binary").path, out, "--license", "mit", "--json"
    )
    assert code == 0
    assert json.loads(told.out) == {"folder": str(out), "license": "mit"}
    assert "license: mit" in (out / "README.md").read_text()


def test_a_full_folder_is_refused(tmp_path, capsys) -> None:
    (tmp_path / "mine.txt").write_text("x")
    code, told = run(capsys, "hub", "save", finished("binary").path, tmp_path)
    assert code == 2
    assert "is not empty" in told.err
