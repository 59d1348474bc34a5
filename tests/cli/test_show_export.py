"""What is printed of an exported file."""

from pathlib import Path

from lamina.cli.show_export import show_checked
from lamina.runtime.agreement import Agreement
from lamina.runtime.function import Function
from lamina.runtime.vectors import Checked
from tests.runtime import made


def test_a_file_that_answers_otherwise_is_told(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    function = Function(made.document(), lambda inputs: inputs["number"], identity="a" * 64)
    checked = Checked(Agreement(16, 3, 0.5, 0.1), 1e-4, may_flip=False)
    show_checked(Path("m.onnx"), function, checked, is_json=False)
    shown = capsys.readouterr().out
    assert "does NOT answer as it should" in shown
    assert "3 decided otherwise" in shown
