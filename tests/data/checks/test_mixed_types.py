import numpy as np
import polars as pl

from tests.data.checks.conftest import clean_table


def mixed(share, *, seed=0):
    random = np.random.default_rng(seed)
    cells = [f"{value:.3f}" for value in random.normal(size=600)]
    for row in random.permutation(600)[: round(share * 600)]:
        cells[row] = str(random.choice(["low", "high", "see note", "too much"]))
    return clean_table().with_columns(extra=pl.Series(cells))


def test_words_among_numbers(findings):
    (found,) = findings(mixed(0.08), "mixed types")
    assert (found.severity, found.columns) == ("warning", ("extra",))
    assert "48 other cells (8.0%)" in found.message


def test_silent_on_numbers_missing_marks_and_words(findings):
    assert findings(mixed(0.0), "mixed types") == ()
    marks = mixed(0.0).with_columns(
        extra=pl.when(pl.col("n0") > 1).then(pl.lit("?")).otherwise(pl.col("extra"))
    )
    assert findings(marks, "mixed types") == ()
    assert findings(mixed(0.9), "mixed types") == ()
