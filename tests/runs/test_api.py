import pytest

import lamina
from lamina.core.errors import ConfigError, DataError, RunError
from lamina.runs.plan import read_plan
from tests.runs.tiny import finished, table


def test_load_gives_the_run():
    run = lamina.load(finished("binary").path)
    assert run.status == "done"
    with pytest.raises(RunError, match="is no run folder"):
        lamina.load("/nowhere/x-1")


def test_plan_trains_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = lamina.plan(table(), target="answer", settings={"training.epochs": 2})
    assert plan.task == "classification"
    assert plan.recipe.training.epochs == 2
    assert list(tmp_path.iterdir()) == []


def test_check_says_what_is_in_the_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = table().with_columns(copy=table()["answer"])
    said = []
    checked = lamina.check(frame, target="answer", watch=lamina.runs.watch.Watch(say=said.append))
    assert checked.schema.column("colour").modality == "category"
    severe = [f for f in checked.findings if f.severity == "severe"]
    assert any("copy" in f.columns for f in severe)
    assert checked.problems == ()
    assert any("160 rows" in line for line in said)
    assert list(tmp_path.iterdir()) == []


def test_wrong_options_are_told():
    with pytest.raises(ConfigError, match=r"unknown option 'tagret'.*Did you mean 'target'"):
        lamina.fit(table(), tagret="answer")
    with pytest.raises(DataError, match="no target was named"):
        lamina.fit(table().select("x", "z"))


def test_a_plan_is_written_where_asked(tmp_path):
    table().write_csv(tmp_path / "people.csv")
    made = lamina.plan(tmp_path / "people.csv", target="answer", out=tmp_path / "p.yaml")
    assert read_plan(tmp_path / "p.yaml").to_document() == made.to_document()
    with pytest.raises(ConfigError, match="live in memory cannot be fitted from its file"):
        lamina.plan(table(), target="answer", out=tmp_path / "q.yaml")
    with pytest.raises(ConfigError, match="file that ends in"):
        lamina.plan("nowhere.csv", out=tmp_path / "q")
