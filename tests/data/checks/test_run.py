import datetime as dt

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.data.checks.run import SEVERITIES, run_checks
from lamina.data.checks.table import CHECKS
from lamina.data.schema import infer_schema
from lamina.data.splits import Split
from tests.data.checks.conftest import (
    clean_table,
    clean_texts,
    picture_frame,
    picture_values,
    split_at,
)


@pytest.mark.parametrize(
    "frame",
    [clean_table(), clean_table(kind="number"), clean_texts(), picture_frame(*picture_values(400))],
    ids=["classes", "numbers", "texts", "pictures"],
)
def test_clean_data_raise_no_alarm(findings, frame):
    assert findings(frame) == ()


def test_severest_first_and_every_finding_is_complete(findings):
    frame = clean_table().with_columns(leak=pl.col("y"), same=pl.lit(3))
    found = findings(pl.concat([frame, frame.head(50)]))
    ranks = [SEVERITIES.index(finding.severity) for finding in found]
    assert ranks == sorted(ranks)
    assert {"target leakage", "duplicates", "constant columns"} <= {f.check for f in found}
    for finding in found:
        assert finding.check in CHECKS
        assert finding.message
        assert finding.evidence
        assert finding.remedy
        assert len(finding.rows) <= 100


def test_same_seed_same_findings(findings):
    frame = clean_table().with_columns(leak=pl.col("y"))
    assert findings(frame) == findings(frame)


def test_few_rows_never_crash(findings):
    for num_rows in (2, 3, 8, 25):
        for kind in ("class", "number"):
            found = findings(clean_table(num_rows, kind=kind).with_columns(y=pl.col("y")))
            assert all(f.check in ("test size", "target", "imbalance") for f in found)


def test_wrong_name_and_empty_parts():
    frame = clean_table(60)
    schema = infer_schema(frame, targets=["y"])
    with pytest.raises(ConfigError, match="Did you mean 'duplicates'"):
        run_checks(frame, schema, split_at(60), seed=0, names=("duplicate",))
    nothing = torch.arange(0)
    only = Split(torch.arange(60), nothing, nothing, "all")
    assert all(f.check != "duplicates" for f in run_checks(frame, schema, only, seed=0))
    assert run_checks(frame, schema, Split(nothing, nothing, nothing, ""), seed=0) == ()


def odd_frame(num_rows=200):
    """One column of every kind of cell."""
    random = np.random.default_rng(0)
    day, hours = dt.date(2020, 1, 1), random.integers(0, 500, num_rows).tolist()
    return pl.DataFrame(
        {
            "tags": [list(random.choice(["a", "b", "c", "d"], 2)) for _ in hours],
            "date": [day + dt.timedelta(days=hour) for hour in hours],
            "span": [dt.timedelta(hours=hour) for hour in hours],
            "time": [dt.time(hour % 24) for hour in hours],
            "flag": random.random(num_rows) > 0.5,
            "number": random.normal(size=num_rows),
            "kind": pl.Series(random.choice(["x", "y", "z"], num_rows)).cast(pl.Categorical),
            "decimal": pl.Series(random.normal(size=num_rows)).cast(pl.Decimal(10, 3)),
            "nothing": [None] * num_rows,
            "not a number": [float("nan")] * num_rows,
            "text": [" ".join(random.choice(list("abcdefg"), 12)) for _ in hours],
        }
    )


@pytest.mark.parametrize("targets", [["kind"], ["tags"], ["number"], ["flag", "number"], []])
@pytest.mark.parametrize("without", ["text", "tags"])
def test_every_kind_of_cell_and_target_passes(targets, without):
    frame = odd_frame()
    frame = frame if without in targets else frame.drop(without)
    schema = infer_schema(frame, targets=targets)
    found = run_checks(frame, schema, split_at(frame.height), seed=0)
    assert {f.columns for f in found if f.check == "constant columns"} == {
        ("nothing",),
        ("not a number",),
    }
