"""Files and functions stay small enough to read."""

import ast

import pytest

from tests.house.tree import PACKAGE, parse, source_files

_IDS = {"ids": lambda p: str(p.relative_to(PACKAGE))}


@pytest.mark.parametrize("path", source_files(), **_IDS)
def test_files_are_short(path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 800
    if lines > 500:
        first = (ast.get_docstring(parse(path)) or "").splitlines()[0]
        assert "one piece" in first, "over 500 lines: the first line must say why it is one piece"


@pytest.mark.parametrize("path", source_files(), **_IDS)
def test_bodies_are_short(path) -> None:
    for node in ast.walk(parse(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if not body:
                continue
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1
            assert length <= 80, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", source_files(), **_IDS)
def test_few_arguments(path) -> None:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef) and "cli" not in path.parts:
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            count = len([a for a in arguments if a.arg not in ("self", "cls")])
            assert count <= 8, f"{node.name} takes {count} arguments: make a config"
