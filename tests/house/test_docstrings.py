"""Docstrings exist and agree with the signatures."""

import ast
import inspect
import re

import pytest

from tests.house.tree import PACKAGE, folder_of, parse, source_files

_IDS = {"ids": lambda p: str(p.relative_to(PACKAGE))}


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _functions(tree: ast.Module):
    """Yield the public functions of a file and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and _is_public(node.name):
            yield node
        elif isinstance(node, ast.ClassDef) and _is_public(node.name):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and _is_public(member.name):
                    yield member


def _documented(text: str) -> set[str]:
    found = re.search(r"^Args:\n((?:    .*\n?|\n)*)", inspect.cleandoc(text), re.M)
    return (
        set(re.findall(r"^    \*{0,2}(\w+)(?: \(.*\))?:", found.group(1), re.M)) if found else set()
    )


def _parameters(node: ast.FunctionDef) -> set[str]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [a for a in (node.args.vararg, node.args.kwarg) if a]
    return {a.arg for a in arguments} - {"self", "cls"}


@pytest.mark.parametrize("path", source_files(), **_IDS)
def test_files_say_what_they_are(path) -> None:
    assert ast.get_docstring(parse(path)), "a file begins with what it is"


@pytest.mark.parametrize("path", source_files(), **_IDS)
def test_parameters_are_documented(path) -> None:
    for node in _functions(parse(path)):
        text = ast.get_docstring(node)
        decorators = {ast.unparse(d) for d in node.decorator_list}
        is_implementation = node.name == "forward" or any("override" in d for d in decorators)
        if text is None:
            assert is_implementation, f"{node.name} has no docstring"
            continue
        documented, parameters = _documented(text), _parameters(node)
        if folder_of(path) == "cli" and not documented:
            continue  # the docstring of a command is its help; options explain themselves there
        if documented or not is_implementation:
            assert documented == parameters, (
                f"{node.name}: in the signature or in Args only: {documented ^ parameters}"
            )


@pytest.mark.parametrize("path", source_files(), **_IDS)
def test_config_fields_are_explained(path) -> None:
    for node in parse(path).body:
        if not (isinstance(node, ast.ClassDef) and node.name.endswith("Config")):
            continue
        for field, after in zip(node.body, [*node.body[1:], None]):
            if not isinstance(field, ast.AnnAssign) or "ClassVar" in ast.unparse(field.annotation):
                continue
            explained = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            assert explained, f"{node.name}.{ast.unparse(field.target)} has no sentence below it"
