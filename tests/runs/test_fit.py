"""Every task and every kind of input, from data to report."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import torch

from lamina.core.errors import ConfigError, DataCheckError, DataError, RunError
from lamina.runs.compare import load_answers
from lamina.runs.fit import gather, is_plan, prepare, resume, stem_of
from lamina.runs.folder import lock_folder
from lamina.runs.plan import read_plan, write_plan
from lamina.runs.request import make_request
from lamina.runs.watch import Watch
from tests.runs.tiny import (
    EVERY,
    assert_same_weights,
    finished,
    fit_tiny,
    picture_folder,
    table,
    texts,
    weights,
)


@pytest.mark.parametrize("name", EVERY)
def test_from_data_to_report(name):
    run = finished(name)
    assert run.status == "done"
    assert run.plan.task == EVERY[name].task
    told = run.evaluation
    assert told["training"]["steps"] == 6
    assert told["test_touched"] == 1
    assert all(baseline["metrics"] for baseline in told["baselines"].values())
    assert told["baselines"]
    assert told["verdict"]["sentence"]
    for value in told["metrics"].values():
        assert value["value"] is None or value["low"] <= value["value"] <= value["high"]
    assert run.folder.report.read_text().startswith("<!doctype html>")
    receipt = json.loads(run.folder.receipt.read_text())
    assert receipt["hashes"]["data/train"]


def test_a_finished_run_is_returned_as_it_is():
    run = finished("binary")
    before = run.folder.evaluation.stat().st_mtime_ns
    assert resume(run.path).evaluation == run.evaluation
    assert run.folder.evaluation.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "name", ["binary", "numbers", "tags", "text", "picture", "mixed", "text_to_text"]
)
def test_rows_on_disk_give_the_weights_of_rows_in_memory(tmp_path, name):
    example, run = EVERY[name], finished(name)
    streamed = fit_tiny(
        run.plan.data.source,
        out=tmp_path / "run",
        settings={**(example.settings or {}), "data.storage": "disk"},
        target=example.target,
        ignore=example.ignore,
        overrule=True,
    )
    assert streamed.plan.data.storage == "disk"
    assert any(streamed.folder.data.iterdir())
    assert_same_weights(run, streamed)
    assert streamed.evaluation["metrics"] == run.evaluation["metrics"]


def test_a_folder_of_pictures(tmp_path):
    run = fit_tiny(picture_folder(tmp_path / "photos"), out=tmp_path / "run")
    assert run.plan.data.target == ("label",)
    assert run.predict(tmp_path / "photos")["label"].unique().sort().to_list() == ["left", "right"]
    assert "data:image/" in run.folder.report.read_text()


@pytest.mark.parametrize("name", ["a.b", "keys", "number", "row", "probability", "ü, ö"])
def test_columns_of_any_name(tmp_path, name):
    frame = table().select("x", "z", "colour", pl.col("answer").alias(name))
    run = fit_tiny(frame, out=tmp_path / "run", target=[name], overrule=True)
    assert run.plan.data.target == (name,)
    assert set(run.predict(frame)[name]) <= {"yes", "no"}
    told = texts(60).rename({"review": name})
    run = fit_tiny(told, out=tmp_path / "text", target="mood", overrule=True)
    assert run.predict(told)["mood"].null_count() == 0


def test_test_and_validation_rows_of_their_own(tmp_path):
    for name, seed in (("train", 1), ("validation", 2), ("test", 3)):
        table(40 * seed, seed).write_csv(tmp_path / f"{name}.csv")
    run = fit_tiny(
        tmp_path / "train.csv",
        out=tmp_path / "run",
        target="answer",
        test=tmp_path / "test.csv",
        validation=tmp_path / "validation.csv",
        overrule=True,
    )
    assert run.evaluation["rows"] == {"train": 40, "validation": 80, "test": 120}
    receipt = run.folder.read_json(run.folder.receipt)
    assert {"data/train", "data/validation", "data/test"} <= receipt["hashes"].keys()
    run.folder.report.unlink()
    assert resume(run.path).evaluation["rows"]["test"] == 120


def test_groups_stay_together_and_times_in_order(tmp_path):
    frame = table().with_columns(patient=pl.int_range(160) // 8, day=pl.int_range(160) * 3 % 160)
    grouped = fit_tiny(
        frame.drop("day"), out=tmp_path / "a", target="answer", group="patient", overrule=True
    )
    assert "'patient'" in grouped.plan.reasons["data.split"]
    assert "patient" not in grouped.plan.data.columns
    timed = fit_tiny(
        frame.drop("patient"), out=tmp_path / "b", target="answer", time_column="day", overrule=True
    )
    rows = load_answers(timed).rows
    assert frame["day"][rows].min() > frame["day"].sort()[100]


def test_a_frame_can_be_resumed_after_it_is_gone(tmp_path):
    run = fit_tiny(table(), out=tmp_path / "run", target="answer", overrule=True)
    assert Path(run.plan.data.source).parent == run.folder.data.resolve()
    run.folder.report.unlink()
    assert resume(run.path).status == "done"


def test_severe_findings_stop_before_anything_is_written(tmp_path):
    leak = table().with_columns(copy=pl.col("answer"))
    with pytest.raises(DataCheckError, match=r"(?s)severe.*--overrule"):
        fit_tiny(leak, out=tmp_path / "run", target="answer")
    assert list((tmp_path / "run").iterdir()) == []
    run = fit_tiny(leak, out=tmp_path / "run", target="answer", overrule=True)
    assert run.status == "done"
    assert "copy" in run.folder.report.read_text()


def test_a_run_that_never_began_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="Did you mean 'answer'"):
        fit_tiny(table(), out=None, target="anser")
    with pytest.raises(ConfigError, match="no setting"):
        fit_tiny(table(), out=None, target="answer", settings={"nothing": 1})
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_run_that_is_worked_on_is_left_alone(tmp_path):
    run = fit_tiny(table(), out=tmp_path / "run", target="answer", overrule=True)
    run.folder.report.unlink()
    child = "import sys; from lamina.runs.fit import resume; resume(sys.argv[1])"
    with lock_folder(run.folder):
        done = subprocess.run(
            [sys.executable, "-c", child, str(run.path)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "is in use by another process" in done.stderr
    assert run.status == "trained"


def test_a_changed_plan_does_not_go_on_from_the_old_checkpoint(tmp_path):
    run = fit_tiny(table(), out=tmp_path / "run", target="answer", overrule=True)
    run.folder.report.unlink()
    text = run.folder.plan.read_text()
    run.folder.plan.write_text(text.replace("batch_size: 16", "batch_size: 8", 1))
    with pytest.raises(Exception, match="another") as refused:
        resume(run.path)
    assert type(refused.value).__name__ == "BundleError"


def test_a_plan_of_a_finished_run_can_be_fitted_again_with_another_seed(tmp_path):
    run = finished("binary")
    again = fit_tiny(run.folder.plan, out=tmp_path / "run", overrule=True, seed=5)
    assert read_plan(again.folder.plan).seed == 5
    first, second = weights(run), weights(again)
    assert any(not torch.equal(value, second[name]) for name, value in first.items())


def test_a_plan_from_its_file_sees_the_columns_as_the_request_did(tmp_path):
    frame = table().with_columns(
        key=pl.int_range(160).map_elements(lambda i: f"k{i * 7919:06}", return_dtype=pl.String),
        same=pl.lit("x"),
    )
    frame.write_csv(tmp_path / "people.csv")
    request = make_request(
        tmp_path / "people.csv", target="answer", ignore="price, size", columns={"z": "category"}
    )
    plan, material = prepare(request, tmp_path / "a", Watch())
    assert set(plan.data.named) == {"price", "size", "z"}
    assert {c.name for c in material.schema.columns if c.overruled} == set(plan.data.named)
    assert any(finding.columns == ("key",) for finding in material.findings)
    write_plan(plan, tmp_path / "plan.yaml")
    again = gather(read_plan(tmp_path / "plan.yaml"), folder=tmp_path / "b", watch=Watch())
    assert again.schema.to_document() == material.schema.to_document()
    assert again.findings == material.findings
    fitted, same = prepare(make_request(tmp_path / "plan.yaml"), tmp_path / "c", Watch())
    assert fitted.data == plan.data
    assert same.findings == material.findings


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("data/adult.csv", "adult"),
        ("data/train.tsv.xz", "train"),
        (Path("photos"), "photos"),
        ("digits", "digits"),
        ({"x": [1]}, "data"),
        ("runs/adult-1/plan.yaml", "adult-1"),
        ("mine.yaml", "mine"),
    ],
)
def test_a_run_is_named_after_its_data(source, stem):
    assert stem_of(source) == stem


def test_what_is_a_plan():
    assert is_plan("a/plan.yaml")
    assert is_plan(Path("x.yml"))
    assert not is_plan("x.csv")
    assert not is_plan({"x": 1})


def test_a_run_that_is_none_cannot_go_on(tmp_path):
    with pytest.raises(RunError, match="is no run folder"):
        resume(tmp_path)


CHILD = """
import sys
import torch
torch.set_num_threads(1)
import pytest
from tests.runs.tiny import quick_baselines
quick_baselines(pytest.MonkeyPatch())
from lamina.runs.fit import resume
print(resume(sys.argv[1]).status)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "storage"),  # batch statistics are the stated exception
    [("binary", "memory"), ("text", "memory"), ("text", "disk")],
)
def test_two_processes_give_the_weights_of_one(tmp_path, name, storage):
    from lamina.runs.folder import RunFolder
    from lamina.runs.run import Run

    for number in (1, 2):
        folder = RunFolder(tmp_path / str(number))
        folder.path.mkdir()
        write_plan(finished(name).plan.with_settings([f"data.storage={storage}"]), folder.plan)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        root = Path(__file__).parents[2]
        common = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
        common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(number)}
        children = [
            subprocess.Popen(
                [sys.executable, "-c", CHILD, str(folder.path)],
                env=common | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            )
            for rank in range(number)
        ]
        assert [process.wait(200) for process in children] == [0] * number
    one, two = (weights(Run(tmp_path / str(number))) for number in (1, 2))
    for key, value in one.items():
        assert torch.allclose(value.float(), two[key].float(), atol=1e-5), key
