import json

import pytest

from lamina.runs import conclude as stages
from lamina.runs.conclude import _times_touched
from lamina.runs.fit import resume
from lamina.runs.folder import RunFolder
from tests.runs.tiny import copy_of, finished, quick_baselines


def test_every_file_of_a_run_is_there():
    folder = finished("binary").folder
    names = {path.name for path in folder.path.iterdir()} - {".lock"}
    assert names == {
        "plan.yaml",
        "log.jsonl",
        "checkpoint",
        "model",
        "evaluation.json",
        "answers.safetensors",
        "explanation.json",
        "representations.safetensors",
        "report.html",
        "receipt.json",
    }


@pytest.mark.parametrize("missing", ["report", "evaluation", "receipt", "answers"])
def test_a_run_that_lacks_its_report_is_finished_without_training(tmp_path, monkeypatch, missing):
    from lamina.training.step import Stepper

    run = copy_of(finished("binary"), tmp_path / "run")
    for name in {"report", missing}:
        getattr(run.folder, name).unlink()
    monkeypatch.setattr(Stepper, "take", None, raising=False)
    quick_baselines(monkeypatch)
    again = resume(run.path)
    assert again.status == "done"
    assert again.evaluation["metrics"] == finished("binary").evaluation["metrics"]
    assert again.evaluation["training"]["steps"] == 6
    assert getattr(again.folder, missing).exists()


def test_how_often_test_rows_were_answered(tmp_path):
    folder = RunFolder(tmp_path)
    assert _times_touched(folder) == 1
    told = {"training": {"is_interrupted": True}, "test_touched": 1}
    folder.evaluation.write_text(json.dumps(told))
    assert _times_touched(folder) == 1  # nobody has seen a report yet
    folder.report.write_text("")
    assert _times_touched(folder) == 2
    folder.report.unlink()
    folder.evaluation.write_text(json.dumps({**told, "test_touched": 2}))
    assert _times_touched(folder) == 2  # killed before its report: the same model answers again


def test_an_old_report_does_not_outlive_its_evaluation(tmp_path, monkeypatch):
    run = copy_of(finished("binary"), tmp_path / "run")
    told = run.evaluation
    told["training"]["is_interrupted"] = True
    run.folder.write_json(run.folder.evaluation, told)

    def killed(content):
        raise KeyboardInterrupt

    quick_baselines(monkeypatch)
    monkeypatch.setattr(stages, "render_report", killed)
    with pytest.raises(KeyboardInterrupt):
        resume(run.path)
    assert not run.folder.report.exists()
    assert run.status == "trained"
