"""Importing costs little and loads no extra; the files hold no pickle and no path of a machine."""

import re
import subprocess
import sys
import time

import pytest

from tests.house.tree import PACKAGE, imported_modules, parse, source_files

HEAVY = (
    "pandas",
    "matplotlib",
    "sklearn",
    "scipy",
    "fastapi",
    "uvicorn",
    "transformers",
    "onnx",
    "sqlalchemy",
    "polars",
    "PIL",
)


def _run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_import_loads_nothing_heavy() -> None:
    loaded = _run("import sys, lamina; print(' '.join(sys.modules))").split()
    assert not {name.split(".")[0] for name in loaded} & set(HEAVY)


def _seconds(code: str) -> float:
    begin = time.perf_counter()
    _run(code)
    return time.perf_counter() - begin


def test_import_costs_no_more_than_torch() -> None:
    pairs = [(_seconds("import lamina"), _seconds("import torch")) for _ in range(3)]
    assert min(own for own, _ in pairs) <= 1.25 * min(torch for _, torch in pairs)


def test_help_does_not_import_torch() -> None:
    code = (
        "import sys\nfrom lamina.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "assert 'torch' not in sys.modules and 'polars' not in sys.modules"
    )
    assert "fit" in _run(code)


@pytest.mark.parametrize("path", source_files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_pickle_and_no_machine_paths(path) -> None:
    modules = imported_modules(parse(path))
    assert not modules & {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
    text = path.read_text()
    assert not re.search(
        r"torch\.(load|save)\(|allow_pickle=True|(?<!\w)eval\(|exec\(", text.replace(".eval(", "")
    )
    assert not re.search(r"[\"'](/home/|/root/|/work/|/tmp/)", text)
