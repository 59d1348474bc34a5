import numpy as np
import polars as pl
import pytest

from lamina.data.checks.context import ColumnView, TargetView
from lamina.data.checks.leakage import column_score
from tests.data.checks.conftest import clean_table, clean_texts


def test_scores_by_hand():
    rows = np.arange(200)
    classes = TargetView("y", True, rows % 2, ("a", "b"))
    same = ColumnView("x", True, (rows % 2).astype(float))
    other = ColumnView("x", True, (rows // 2 % 2).astype(float))
    assert column_score(same, classes, rows) == 0.0  # folds by parity: fitted on one class only
    mixed = np.random.default_rng(0).permutation(rows)
    assert column_score(same, classes, mixed) == 1.0
    assert abs(column_score(other, classes, mixed)) < 0.2
    numbers = TargetView("y", False, rows.astype(float) ** 3, ())
    assert column_score(ColumnView("x", False, np.exp(rows / 50)), numbers, rows) > 0.99
    noise = ColumnView("x", False, np.random.default_rng(0).normal(size=200))
    assert column_score(noise, numbers, rows) < 0.1


@pytest.mark.parametrize("form", ["number", "category", "noisy"])
def test_a_copy_of_the_class_is_severe(findings, form):
    frame = clean_table(800)
    is_yes = pl.col("y") == "yes"
    random = np.random.default_rng(0)
    leaks = {
        "number": is_yes.cast(pl.Float64) + pl.Series(random.normal(scale=0.05, size=800)),
        "category": pl.when(is_yes).then(pl.lit("won")).otherwise(pl.lit("lost")),
        "noisy": is_yes.cast(pl.Int64) * 5 + pl.Series(random.integers(0, 5, 800)),
    }
    (found,) = findings(frame.with_columns(extra=leaks[form]), "target leakage")
    assert found.severity == "severe"
    assert found.columns == ("extra",)
    assert findings(frame, "target leakage") == ()


def test_missing_cells_that_tell_the_class(findings):
    frame = clean_table(800).with_columns(
        closed=pl.when(pl.col("y") == "yes").then(pl.col("n1") * 2)
    )
    (found,) = findings(frame, "target leakage")
    assert found.columns == ("closed",)


def test_a_number_made_from_the_target(findings):
    frame = clean_table(800, kind="number")
    leaky = frame.with_columns(extra=(pl.col("y") / 3).exp() + 1)
    (found,) = findings(leaky, "target leakage")
    assert found.columns == ("extra",)
    assert findings(frame, "target leakage") == ()


def test_a_target_that_is_the_sum_of_columns(findings):
    random = np.random.default_rng(0)
    parts = {name: random.poisson(50, 500) for name in ("casual", "registered")}
    frame = pl.DataFrame({**parts, "hour": random.integers(0, 24, 500)})
    frame = frame.with_columns(y=pl.col("casual") + pl.col("registered"))
    (found,) = findings(frame, "target leakage")
    assert found.severity == "severe"
    assert found.columns == ("casual", "registered")


def test_several_strong_columns_are_honest(findings):
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 600)
    frame = pl.DataFrame(
        {f"n{i}": 6.2 * y + random.normal(size=600) for i in range(3)}
        | {"y": np.where(y, "a", "b")}
    )
    (found,) = findings(frame, "target leakage")
    assert found.severity == "note"
    assert "easy task" in found.evidence
    weaker = frame.with_columns([pl.col(f"n{i}") + 2 * pl.col("n0").shuffle(i) for i in range(3)])
    assert findings(weaker, "target leakage") == ()


def test_texts_that_spell_out_their_label(findings):
    frame = clean_texts(400)
    assert findings(frame, "target leakage") == ()
    told = frame.with_columns(text=pl.col("text") + " (" + pl.col("y") + ")")
    (found,) = findings(told, "target leakage")
    assert "spell out their label" in found.message


def test_labels_with_signs_of_any_script(findings):
    names = pl.col("y").replace({"good": "don’t know", "bad": "science–fiction (a+b)"})
    frame = clean_texts(400).with_columns(y=names)
    assert findings(frame, "target leakage") == ()
    told = frame.with_columns(text=pl.col("text") + " [" + pl.col("y") + "]")
    (found,) = findings(told, "target leakage")
    assert "spell out their label" in found.message
