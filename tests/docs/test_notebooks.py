"""What a person holds in the hand shows itself in a notebook."""

import json

import pytest

import lamina
from tests.runs.tiny import EXAMPLES, finished

HELD = {
    "run": "lamina.load({path})",
    "plan": "lamina.load({path}).plan",
    "report": "lamina.load({path}).report()",
    "row": "lamina.load({path}).explain(row=1)",
    "model": "lamina.load({path}).explain_model()",
}
"""What is shown, and how it is come by."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_has_a_display(name) -> None:
    from IPython.core.formatters import DisplayFormatter

    formatter = DisplayFormatter()
    for what, code in HELD.items():
        shown = eval(code.format(path=repr(str(finished(name).path))), {"lamina": lamina})
        data, _ = formatter.format(shown)
        assert data["text/html"].startswith("<"), what
        assert len(data["text/plain"]) > 5, what


@pytest.mark.slow
def test_a_real_notebook_shows_it() -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    path = repr(str(finished("mixed").path))
    cells = ["import lamina", *(code.format(path=path) for code in HELD.values())]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for cell, what in zip(notebook.cells[1:], HELD):
        (output,) = cell.outputs
        assert output.output_type == "execute_result", what
        assert output.data["text/html"].strip(), what
    assert "<svg" in notebook.cells[4].outputs[0].data["text/html"]
    json.dumps(notebook)
