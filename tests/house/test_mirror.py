"""Every file of the package has a test file of the same name in the same place."""

import pytest

from tests.house.tree import PACKAGE, ROOT, source_files


@pytest.mark.parametrize(
    "path",
    [p for p in source_files() if p.name != "__init__.py"],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_each_file_has_its_tests(path) -> None:
    relative = path.relative_to(PACKAGE)
    partner = ROOT / "tests" / relative.parent / f"test_{relative.name}"
    assert partner.exists(), f"write {partner.relative_to(ROOT)}"
    assert "def test_" in partner.read_text()
