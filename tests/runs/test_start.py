"""A run that starts from another keeps its test rows unseen, or says how many were seen."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import DataCheckError
from lamina.runs.compare import load_answers
from lamina.runs.fit import check_only, plan_only
from lamina.runs.plan import StartConfig, write_plan
from lamina.runs.request import make_request
from lamina.runs.watch import Watch
from tests.runs.tiny import EXAMPLES, copy_of, finished, fit_tiny, table

IGNORE = EXAMPLES["binary"].ignore


def request(source, start, **options):
    return make_request(source, target="answer", ignore=IGNORE, from_run=start, **options)


def found(asked):
    return [f for f in check_only(asked).findings if f.check == "start from a run"]


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    table().write_csv(folder / "people.csv")
    return fit_tiny(
        folder / "people.csv",
        out=folder / "run",
        target="answer",
        ignore=IGNORE,
        overrule=True,
        seed=3,
        settings={"data.split.test": 0.3},
    )


def test_seed_and_split_are_taken_over_for_the_same_data(start, tmp_path):
    said = []
    plan = plan_only(request(start.plan.data.source, start.path), Watch(say=said.append))
    assert plan.seed == 3
    assert plan.data.split.test == 0.3
    assert any("Seed and split are those of" in line for line in said)
    assert not found(request(start.plan.data.source, start.path))
    table().write_csv(tmp_path / "copy.csv")
    assert plan_only(request(tmp_path / "copy.csv", start.path)).seed == 3
    table(100, seed=9).write_csv(tmp_path / "others.csv")
    assert plan_only(request(tmp_path / "others.csv", start.path)).seed == 0
    assert not found(request(tmp_path / "others.csv", start.path))


@pytest.mark.parametrize("options", [{"seed": 4}, {"settings": {"data.split.test": 0.5}}])
def test_test_rows_that_were_trained_on_stop_the_run(start, tmp_path, options):
    asked = request(start.plan.data.source, start.path, **options)
    material = check_only(asked)
    (finding,) = found(asked)
    seen = ~np.isin(material.split.test.numpy(), load_answers(start).rows)
    assert finding.severity == "severe"
    assert f"{seen.sum()} of {len(seen)} test rows" in finding.message
    assert set(finding.rows) <= set(material.split.test[seen].tolist())
    with pytest.raises(DataCheckError, match=r"(?s)start from a run.*same --seed.*--test FILE"):
        fit_tiny(
            start.plan.data.source,
            out=tmp_path / "run",
            target="answer",
            ignore=IGNORE,
            from_run=start.path,
            **options,
        )


def test_rows_of_a_test_source_of_their_own_were_not_seen(start, tmp_path):
    table(40, seed=9).write_csv(tmp_path / "test.csv")
    own = {"test": tmp_path / "test.csv", "seed": 4}
    assert not found(request(start.plan.data.source, start.path, **own))
    # A test source that was the training source of the other run was seen, but for its test rows.
    own = {"test": start.plan.data.source}
    (finding,) = found(request(tmp_path / "test.csv", start.path, **own))
    assert f"{160 - len(load_answers(start).rows)} of 160 test rows" in finding.message


def test_the_run_before_the_run_counts_too(start, tmp_path):
    middle = copy_of(finished("text"), tmp_path / "middle")
    transfer = StartConfig(run=str(start.path))
    write_plan(replace(middle.plan, transfer=transfer), middle.folder.plan)
    (finding,) = found(request(start.plan.data.source, middle.path, seed=4))
    assert str(start.path) in finding.message


def test_a_source_that_has_changed_since_is_told(start, tmp_path):
    run = copy_of(start, tmp_path / "run")
    path = tmp_path / "people.csv"
    write_plan(replace(run.plan, data=replace(run.plan.data, source=str(path))), run.folder.plan)
    pl.concat([table(), table(20, seed=9)]).write_csv(path)
    (finding,) = found(request(path, run.path))
    assert finding.severity == "warning"
    assert "cannot be told" in finding.message
