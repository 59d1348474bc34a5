import polars as pl
import pytest

from tests.data.checks.conftest import clean_table


@pytest.mark.parametrize(
    ("share", "severity"), [(0.0, None), (0.01, "note"), (0.2, "warning"), (0.95, "severe")]
)
@pytest.mark.parametrize("kind", ["class", "number"])
def test_missing_targets(findings, share, severity, kind):
    frame = clean_table(1000, kind=kind)
    keep = pl.int_range(1000) % 100 >= round(share * 100)
    found = findings(frame.with_columns(y=pl.when(keep).then("y")), "target")
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_a_target_that_never_varies_in_training(findings):
    cells = ["a"] * 450 + ["b"] * 150
    (found,) = findings(clean_table().with_columns(y=pl.Series(cells)), "target")
    assert found.severity == "severe"
    assert "always 'a'" in found.message
