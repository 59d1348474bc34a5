"""The README's map fits the tree, and every snippet of the documents runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)


def test_readme_maps_every_folder() -> None:
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"^\s*([a-z]+)/\s{2,}\S", text, re.M))
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert named == folders


def test_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 110


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!http|#|mailto)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{target} does not exist"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_python_snippets_run(page: Path, tmp_path: Path) -> None:
    blocks = _blocks(page, "python")
    if not blocks:
        pytest.skip("no snippet")
    script = tmp_path / "snippets.py"
    script.write_text("\n".join(blocks))
    _run([sys.executable, str(script)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_console_snippets_run(page: Path, tmp_path: Path) -> None:
    lines = [
        line[2:] for b in _blocks(page, "console") for line in b.splitlines() if line[:2] == "$ "
    ]
    commands = [line.split("  #")[0] for line in lines if line.startswith("lamina ")]
    if not commands:
        pytest.skip("no command")
    assert shutil.which("lamina", path=str(Path(sys.executable).parent))
    for command in commands:
        _run(["sh", "-c", command], tmp_path)


def _run(command: list[str], folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
