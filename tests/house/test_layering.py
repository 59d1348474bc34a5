"""Imports point downwards only, and by their full path."""

import pytest

from tests.house.tree import PACKAGE, ROWS, folder_of, imported_modules, parse, source_files


def test_every_folder_has_a_row() -> None:
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= set(ROWS)


@pytest.mark.parametrize("path", source_files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path) -> None:
    own = folder_of(path)
    if not own:
        return
    for module in imported_modules(parse(path)):
        assert not module.startswith("."), f"{module}: write the full path"
        parts = module.split(".")
        if parts[0] != "lamina":
            continue
        assert len(parts) > 1, "import from the file, not from the package's top"
        other = parts[1]
        assert other == own or ROWS[other] < ROWS[own], (
            f"{own} (row {ROWS[own]}) may not import {other} (row {ROWS[other]})"
        )


def test_nothing_in_the_package_imports_its_test_tools() -> None:
    for path in source_files():
        if folder_of(path) != "testing":
            assert not any(m.startswith("lamina.testing") for m in imported_modules(parse(path)))
