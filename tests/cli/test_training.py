"""`lamina fit`, `plan` and `resume` as people and machines call them."""

import json
import shutil

import pytest
import yaml

from lamina.core.bundle import read_tensors
from lamina.runs.run import Run
from tests.runs.tiny import copy_of, finished, table

TINY = ("--set", "training.steps=5", "--set", "training.batch_size=16", "--set", "is_probed=false")


@pytest.fixture
def data(tmp_path):
    table().write_csv(tmp_path / "people.csv")
    return "people.csv"


def test_fit_tells_people_and_leaves_a_run(lamina, data, tmp_path):
    done = lamina("fit", data, "--target", "answer", "--overrule", *TINY)
    assert (done.code, done.err) == (0, "")
    run = Run(tmp_path / "runs" / "people-1")
    assert run.status == "done"
    assert run.evaluation["verdict"]["sentence"][:30] in " ".join(done.out.split())
    assert "report.html" in done.out
    assert "Read 160 rows" in done.out


def test_fit_tells_machines_one_object(lamina, data, tmp_path):
    done = lamina("fit", data, "--target", "answer", "--overrule", "--out", "here", "--json", *TINY)
    assert done.code == 0
    told = done.json
    assert told["run"] == "here"
    assert told["status"] == "done"
    assert told["task"] == "classification"
    assert told["metrics"]["accuracy"].keys() == {"value", "low", "high"}
    assert told["baselines"]["constant"]["accuracy"]["value"] >= 0
    assert told["verdict"]["sentence"]
    assert told["rows"]["train"] > 0
    assert told["training"]["steps"] == 5
    assert (tmp_path / told["report"]).exists()


def test_a_plan_is_shown_written_edited_and_fitted(lamina, data, tmp_path):
    shown = lamina("plan", data, "--target", "answer", "--ignore", "price,size,weight", *TINY)
    assert shown.code == 0
    assert "network.trunk.name" in shown.out
    assert "the target 'answer' is a" in shown.out
    done = lamina(
        "plan", data, "--target", "answer", "--out", "plan.yaml", "--json", "--seed", 3, *TINY
    )
    assert done.json["seed"] == 3
    document = yaml.safe_load((tmp_path / "plan.yaml").read_text())
    assert document == done.json
    document["training"]["steps"] = 4
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(document))
    fitted = lamina("fit", "plan.yaml", "--overrule", "--json", "--set", "training.batch_size=8")
    assert fitted.json["training"]["steps"] == 4
    run = Run(fitted.json["run"])
    assert run.plan.recipe.training.batch_size == 8
    assert run.plan.seed == 3
    assert not (tmp_path / "runs" / "plan-1").exists()


def test_a_plan_gives_the_weights_of_the_fit_it_was_written_by(lamina, data, tmp_path):
    options = (data, "--target", "answer", *TINY)
    assert lamina("fit", *options, "--overrule", "--out", "a").code == 0
    assert lamina("plan", *options, "--out", "plan.yaml").code == 0
    assert lamina("fit", "plan.yaml", "--overrule", "--out", "b").code == 0
    assert lamina("fit", "a/plan.yaml", "--overrule", "--out", "c").code == 0
    read = [read_tensors(tmp_path / n / "model" / "network.safetensors")[0] for n in "abc"]
    for other in read[1:]:
        assert all((value == other[name]).all() for name, value in read[0].items())


@pytest.mark.parametrize(
    "option",
    [
        ("--target", "z"),
        ("--test", "people.csv"),
        ("--ignore", "z"),
        ("--as", "z=category"),
        ("--delimiter", ";"),
    ],
)
def test_a_plan_names_its_own_data(lamina, data, option):
    assert lamina("plan", data, "--target", "answer", "--out", "plan.yaml").code == 0
    done = lamina("fit", "plan.yaml", *option)
    assert done.code == 2
    assert "a plan names its own data" in done.err


def test_resume_finishes_what_was_cut_off(lamina, tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    before, _ = read_tensors(run.folder.model / "network.safetensors")
    run.folder.report.unlink()
    run.folder.evaluation.unlink()
    shutil.rmtree(run.folder.model)
    done = lamina("resume", "run", "--json")
    assert (done.code, done.json["status"]) == (0, "done")
    after, _ = read_tensors(run.folder.model / "network.safetensors")
    assert all((value == after[name]).all() for name, value in before.items())
    again = lamina("resume", "run")
    assert again.code == 0
    assert "is finished already" in again.out


def test_severe_findings_stop_unless_overruled(lamina, tmp_path):
    frame = table()
    frame.with_columns(copy=frame["answer"]).write_csv(tmp_path / "leak.csv")
    done = lamina("fit", "leak.csv", "--target", "answer", *TINY)
    assert done.code == 2
    assert "go on in spite of it with --overrule" in done.err
    assert "'copy'" in done.err
    assert list((tmp_path / "runs").iterdir()) == []
    named = lamina("fit", "leak.csv", "--target", "answer", "--out", "there", *TINY)
    assert named.code == 2
    assert (
        lamina("fit", "leak.csv", "--target", "answer", "--out", "there", "--overrule", *TINY).code
        == 0
    )
    assert json.loads((tmp_path / "there" / "evaluation.json").read_text())["metrics"]


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("myplan", "Try myplan.yaml"),
        ("no/plan.yaml", "there is no folder no"),
        ("notes.yaml", "is no plan"),
    ],
)
def test_a_plan_that_cannot_be_written_is_told_before_any_work(lamina, tmp_path, out, message):
    (tmp_path / "notes.yaml").write_text("- milk")
    done = lamina("plan", "nowhere.csv", "--target", "answer", "--out", out)
    assert done.code == 2
    assert message in done.err
    assert (tmp_path / "notes.yaml").read_text() == "- milk"
