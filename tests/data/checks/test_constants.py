import polars as pl

from tests.data.checks.conftest import clean_table


def test_constant_columns_are_told(findings):
    frame = clean_table().with_columns(
        same=pl.lit("x"),
        late=pl.Series([1.0] * 500 + [2.0] * 100),  # constant in the training part only
        hollow=pl.lit(None, dtype=pl.String),
    )
    found = {f.columns[0]: f for f in findings(frame, "constant columns")}
    assert set(found) == {"same", "late", "hollow"}
    assert found["same"].severity == "note"
    assert "left out" in found["same"].message
    assert found["late"].severity == "warning"
    assert "always missing" in found["hollow"].message


def test_silent_without_and_where_the_user_knows(findings):
    assert findings(clean_table(), "constant columns") == ()
    frame = clean_table().with_columns(same=pl.lit("x"))
    assert findings(frame, "constant columns", ignore=["same"]) == ()
    flagged = clean_table().with_columns(flag=pl.when(pl.col("n0") > 0).then(pl.lit("x")))
    assert findings(flagged, "constant columns") == ()  # missing or not says something
