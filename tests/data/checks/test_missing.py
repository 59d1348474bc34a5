import numpy as np
import polars as pl

from tests.data.checks.conftest import clean_table


def test_hollow_columns_and_empty_rows(findings):
    random = np.random.default_rng(0)
    hollow = np.where(random.random(600) < 0.7, None, "x y z")
    frame = clean_table().with_columns(extra=pl.Series(hollow.tolist()) + "1")
    (found,) = findings(frame, "missing values")
    assert (found.severity, found.columns) == ("note", ("extra",))
    inputs = [name for name in frame.columns if name != "y"]
    empty = frame.with_columns(
        [pl.when(pl.int_range(600) >= 10).then(pl.col(name)) for name in inputs]
    )
    found = [f for f in findings(empty, "missing values") if f.rows]
    assert found[0].rows == tuple(range(10))
    assert found[0].severity == "warning"


def test_some_missing_cells_are_usual(findings):
    frame = clean_table().with_columns(n0=pl.when(pl.col("n1") > 9).then("n0"))
    assert findings(frame, "missing values") == ()
    assert findings(clean_table(), "missing values") == ()
