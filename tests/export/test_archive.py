"""The runtime runs where nothing but NumPy and onnxruntime can be imported."""

import subprocess
import sys

import pytest

from lamina.export.archive import write_runtime
from lamina.runtime.artefact import sealed
from tests.runs.tiny import EXAMPLES, finished
from tests.runtime import made

_ALLOWED = """
import importlib.abc, sys

class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        head = name.partition(".")[0]
        if head in ("torch", "polars", "lamina", "onnx", "onnxscript", "sklearn", "pandas",
                    "pydantic", "typer", "safetensors", "yaml", "rich", "PIL", "scipy"):
            raise ImportError(f"{name} is behind the wall")

sys.meta_path.insert(0, Wall())
"""


_ENCODED = ("boxes",)
"""Examples whose pictures are encoded, which nothing but Pillow can read."""


def _run(code: str, *words: str, folder, wall: str = _ALLOWED) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-I", "-c", wall + code, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_as_a_program_and_as_a_package(tmp_path) -> None:
    write_runtime(tmp_path)
    (tmp_path / "m.onnx").write_bytes(sealed(made.graph(), document=made.document(), check={}))
    (tmp_path / "new.csv").write_text("x,c\n14,a\n")
    program = (
        "import runpy\nsys.argv = ['lamina_runtime.zip', 'm.onnx', 'new.csv']\n"
        "runpy.run_path('lamina_runtime.zip', run_name='__main__')"
    )
    done = _run(program, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("yes,0.84")
    package = (
        "sys.path.insert(0, 'lamina_runtime.zip')\n"
        "from lamina_runtime.function import load\n"
        "print(load('m.onnx').predict([{'x': 14, 'c': 'a'}])[0]['y'])\n"
        "assert not {'torch', 'polars', 'lamina', 'PIL'} & set(sys.modules)"
    )
    done = _run(package, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "yes"


def test_the_same_code_gives_the_same_bytes(tmp_path) -> None:
    first, second = (write_runtime(tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_task_runs_behind_the_wall(name, tmp_path) -> None:
    write_runtime(tmp_path)
    finished(name).export(tmp_path / "m.onnx")
    program = (
        "sys.path.insert(0, 'lamina_runtime.zip')\n"
        "from lamina_runtime.command import main\nsys.exit(main(['m.onnx', '--check']))"
    )
    wall = _ALLOWED.replace('"PIL", ', "") if name in _ENCODED else _ALLOWED
    done = _run(program, folder=tmp_path, wall=wall)
    assert done.returncode == 0, done.stdout + done.stderr
