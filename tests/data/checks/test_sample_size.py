import pytest

from tests.data.checks.conftest import clean_table


@pytest.mark.parametrize(("num_rows", "severity"), [(80, "warning"), (240, "note"), (800, None)])
def test_small_test_part(findings, num_rows, severity):
    found = findings(clean_table(num_rows), "test size")
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_uncertainty_by_hand(findings):
    # 20 rows: 1.96 · sqrt(0.16 / 20) = 0.175.
    (found,) = findings(clean_table(80), "test size")
    assert "about 18 points" in found.message
