"""What the tests of the house share: the files of the package and their syntax trees."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "lamina"

ROWS = {
    "runtime": 0,
    "core": 1,
    "data": 2,
    "networks": 2,
    "objectives": 2,
    "training": 3,
    "evaluation": 3,
    "explanation": 3,
    "tasks": 4,
    "rl": 4,
    "export": 5,
    "serving": 5,
    "reports": 5,
    "runs": 6,
    "sklearn": 7,
    "cli": 7,
    "testing": 7,
}
"""Row of the house by folder; a new folder fails until it is given one."""


def source_files() -> list[Path]:
    """Return every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def folder_of(path: Path) -> str:
    """Return the top folder of a file of the package; empty for files at the top."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imported_modules(tree: ast.Module) -> set[str]:
    """Return the names of all modules a file imports, wherever in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names
