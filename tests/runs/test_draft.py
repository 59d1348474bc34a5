"""From a request to a plan: every setting finds its place before it is needed."""

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError, RunError
from lamina.runs.draft import settle_early, start_of
from lamina.runs.fit import plan_only
from lamina.runs.plan import write_plan
from lamina.runs.request import make_request
from tests.runs.tiny import copy_of, finished, table


def draft(tmp_path, *settings, frame=None, target="answer", **options):
    path = tmp_path / "data.csv"
    (table() if frame is None else frame).write_csv(path)
    return plan_only(make_request(path, target=target, settings=settings, **options))


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("data.split.test=0.3", "data.split.test=0.3"),
        ("split.test=0.3", "data.split.test=0.3"),
        ("storage=disk", "data.storage=disk"),
        (" storage = disk", "data.storage=disk"),
        ("task=regression", "task=regression"),
        ("columns.zip=text", "columns.zip=text"),
        ("training.epochs=3", "training.epochs=3"),
        ("epochs=3", "epochs=3"),
        ("time_s=3", "time_s=3"),
        ("nothing=1", "nothing=1"),
    ],
)
def test_settings_of_the_data_get_their_full_names(text, full):
    assert settle_early(make_request("x", settings=[text])).settings == (full,)


def test_the_seed_may_be_a_setting(tmp_path):
    assert settle_early(make_request("x", settings=["seed=7"])).seed == 7
    assert draft(tmp_path, "seed=7").seed == 7
    with pytest.raises(ConfigError, match="seed must be a whole number, got 'x'"):
        draft(tmp_path, "seed=x")


def test_settings_of_the_data_are_there_before_it_is_read(tmp_path):
    plan = draft(tmp_path, "split.test=0.5", "storage=disk", "data.columns.colour=text")
    assert plan.data.split.test == 0.5
    assert plan.data.storage == "disk"
    assert plan.data.columns["colour"] == "text"
    assert "text" in plan.recipe.network.encoders
    assert plan.reasons["data.split.test"] == "set by the user"


def test_every_setting_can_be_changed(tmp_path):
    plan = draft(
        tmp_path,
        "training.batch_size=8",
        "network.trunk=mlp",
        "trunk.depth=1",
        "augmentation.mixup=0.1",
        "answering.is_calibrated=false",
        "training.rates.heads.*=2",
        "is_probed=false",
    )
    assert plan.recipe.training.batch_size == 8
    assert plan.recipe.network.trunk.depth == 1
    assert plan.recipe.augmentation.mixup == 0.1
    assert not plan.recipe.answering.is_calibrated
    assert plan.recipe.training.rates["heads.*"] == 2
    assert not plan.machine.is_probed


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("trainning.epochs=3", "no setting 'trainning.epochs'. Did you mean 'training.epochs'"),
        ("network.name=3", "'network.name' fits several settings"),
        ("data.storag=disk", "no setting 'data.storag'. Did you mean 'data.storage'"),
        ("data.storage=cloud", "data.storage must be"),
        ("task=guessing", "unknown task 'guessing'"),
        ("task.x=1", "no setting 'task.x'. Did you mean 'task'"),
        ("seed.x=1", "no setting 'seed.x'. Did you mean 'seed'"),
        ("novalue", "--set takes NAME=VALUE, got 'novalue'"),
        ("task=regression", "the task regression does not fit the target: 'answer' is a"),
        ("task=quantile_regression", "the task quantile_regression does not fit"),
        ("task=multi_label", "the task multi_label does not fit"),
        ("network.trunk=perceptrn", "unknown trunk 'perceptrn'.*Did you mean 'perceptron'"),
        ("training.epochs=-1", "epochs must be above 0"),
        ("data.columns.answer=picture", "unknown modality of column 'answer' 'picture'"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, setting, message):
    with pytest.raises(ConfigError, match=message):
        draft(tmp_path, setting)


def test_a_number_can_be_taken_as_classes(tmp_path):
    frame = table().with_columns(grade=pl.Series(np.arange(160) % 4 + 0.5))
    assert draft(tmp_path, frame=frame, target="grade", columns=["grade=category"]).task == (
        "classification"
    )


def test_the_budget_stands_in_the_plan(tmp_path):
    plan = draft(tmp_path, time="30s", energy="500J")
    assert (plan.budget.time_s, plan.budget.energy_j) == (30, 500)


def test_roles_stand_in_the_plan(tmp_path):
    plan = draft(tmp_path, ignore=["z", "price"], group="colour")
    assert set(plan.data.ignore) >= {"z", "price"}
    assert plan.data.group == "colour"
    assert "colour" not in plan.data.columns
    with pytest.raises(DataError, match=r"unknown column 'zz'"):
        draft(tmp_path, ignore=["zz"])


def test_a_start_must_be_a_run_with_a_model(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    assert start_of(make_request("x")) is None
    assert start_of(make_request("x", from_run=run.path)) == str(run.path.resolve())
    (run.folder.model / "bundle.json").unlink()
    with pytest.raises(RunError, match="has no model to start from"):
        start_of(make_request("x", from_run=run.path))
    with pytest.raises(RunError, match=r"is no run folder.*Did you mean"):
        draft(tmp_path, from_run=tmp_path / "rum")


def test_one_text_may_stand_for_a_list(tmp_path):
    path = tmp_path / "plan.yaml"
    write_plan(draft(tmp_path, target="price"), path)
    again = plan_only(make_request(path, settings=["data.target=weight"]))
    assert again.data.target == ("weight",)


def test_large_sources_are_streamed_also_by_a_pattern(tmp_path, monkeypatch):
    table().write_csv(tmp_path / "part-1.csv")
    monkeypatch.setattr("lamina.runs.draft.MEMORY_SHARE", 1e-9)
    plan = plan_only(make_request(tmp_path / "part-*.csv", target="answer"))
    assert plan.data.storage == "disk"
