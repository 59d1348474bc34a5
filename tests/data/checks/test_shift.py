import numpy as np
import polars as pl

from tests.data.checks.conftest import clean_table


def test_shifted_number_and_category(findings):
    is_test = np.arange(800) >= 600
    frame = clean_table(800).with_columns(
        n2=pl.col("n2") + 6 * pl.Series(is_test.astype(float)),
        colour=pl.when(pl.Series(is_test)).then(pl.lit("red")).otherwise(pl.col("colour")),
    )
    (found,) = findings(frame, "distribution shift")
    assert set(found.columns) == {"n2", "colour"}


def test_random_parts_never_shift(findings):
    for seed in range(20):
        frame = clean_table(200, seed=seed)
        assert findings(frame, "distribution shift") == ()
