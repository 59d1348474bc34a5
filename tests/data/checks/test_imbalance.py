import polars as pl

from tests.data.checks.conftest import clean_table


def test_rare_classes_are_named(findings):
    frame = clean_table(2000)
    thin = pl.concat(
        [frame.filter(pl.col("y") == "no"), frame.filter(pl.col("y") == "yes").head(25)]
    )
    (found,) = findings(thin.sample(fraction=1.0, shuffle=True, seed=0), "imbalance")
    assert "'yes'" in found.message
    assert findings(frame, "imbalance") == ()


def test_moderate_imbalance_and_numbers_are_silent(findings):
    frame = clean_table(1000)
    some = pl.concat(
        [frame.filter(pl.col("y") == "no"), frame.filter(pl.col("y") == "yes").head(90)]
    )
    assert findings(some.sample(fraction=1.0, shuffle=True, seed=0), "imbalance") == ()
    assert findings(clean_table(kind="number"), "imbalance") == ()
