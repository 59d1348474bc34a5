import numpy as np
import polars as pl

from lamina.data.checks.context import build_context
from lamina.data.checks.duplicates import chance_of_agreement
from lamina.data.schema import infer_schema
from tests.data.checks.conftest import (
    clean_table,
    clean_texts,
    picture_frame,
    picture_values,
    split_at,
)


def test_training_rows_in_the_test_part_are_severe(findings):
    frame = clean_table(600)
    copied = pl.concat([frame, frame[np.arange(7, 27)]])  # 20 of 155 test rows
    (found,) = findings(copied, "duplicates")
    assert found.severity == "severe"
    assert "20 of 155 test rows (12.9%)" in found.message
    assert found.rows == tuple(range(600, 620))
    assert "rows 600 and 7" in found.evidence
    assert findings(frame, "duplicates") == ()


def test_a_single_twin_among_many_is_a_note(findings):
    frame = clean_table(4000)
    (found,) = findings(pl.concat([frame, frame.head(1)]), "duplicates")
    assert found.severity == "note"


def test_repeated_training_rows_and_their_contradictions(findings):
    frame = clean_table(600)
    twins = frame.head(30).with_columns(y=pl.lit("no"))
    (found,) = findings(pl.concat([twins, frame]), "duplicates")
    assert found.severity == "warning"
    assert "30 of" in found.message
    assert "equal inputs and different targets" in found.evidence


def test_coarse_rows_that_agree_by_chance_are_no_duplicates(findings):
    random = np.random.default_rng(0)
    columns = {f"c{i}": random.choice(["a", "b", "c"], 500) for i in range(4)}
    assert (
        findings(pl.DataFrame({**columns, "y": random.choice(["u", "v"], 500)}), "duplicates") == ()
    )


def test_texts_that_differ_in_case_and_marks_only(findings):
    frame = clean_texts(400)
    shouted = frame.head(12).with_columns(text=pl.col("text").str.to_uppercase() + " !!")
    (found,) = findings(pl.concat([frame, shouted]), "duplicates")
    assert "12 of" in found.message


def test_pictures_with_the_same_bytes(findings):
    frame = picture_frame(*picture_values(200))
    (found,) = findings(pl.concat([frame, frame.head(9)]), "duplicates")
    assert found.severity == "severe"
    assert findings(frame, "duplicates") == ()


def test_chance_by_hand():
    # Two even columns of 2 and 4 values agree by chance in 1 of 8; 75 training rows, factor 100.
    frame = pl.DataFrame(
        {"a": ["x", "y"] * 50, "b": ["p", "p", "q", "q", "r", "r", "s", "s"] * 12 + ["p"] * 4}
    )
    frame = frame.with_columns(y=pl.Series(["u", "v"] * 50))
    schema = infer_schema(frame, targets=["y"])
    context = build_context(frame, schema, split_at(100), seed=0, max_rows=100)
    assert 900 < chance_of_agreement(context, 75) < 1000
    assert 1850 < chance_of_agreement(context, 75, without="a") < 1950
