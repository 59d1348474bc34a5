import numpy as np
import polars as pl

from tests.data.checks.conftest import clean_table


def test_entities_in_both_parts(findings):
    patients = np.random.default_rng(0).integers(0, 60, 600)
    frame = clean_table().with_columns(patient_id=pl.Series([f"P{p}" for p in patients]))
    (found,) = findings(frame, "group leakage")
    assert (found.severity, found.columns) == ("warning", ("patient_id",))
    (stated,) = findings(frame, "group leakage", group="patient_id")
    assert stated.severity == "severe"
    assert "the group column" in found.remedy
    assert "The parts were given" in stated.remedy


def test_entities_on_one_side_are_fine(findings):
    patients = [f"P{row // 10}" for row in range(600)]  # rows of one lie together, as the cut does
    frame = clean_table().with_columns(patient_id=pl.Series(patients))
    assert findings(frame, "group leakage") == ()
    assert findings(frame, "group leakage", group="patient_id") == ()


def test_ordinary_categories_are_no_entities(findings):
    assert findings(clean_table(), "group leakage") == ()
