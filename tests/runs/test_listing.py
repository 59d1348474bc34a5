import shutil

from lamina.runs.listing import list_runs
from tests.runs.tiny import copy_of, finished


def test_runs_of_every_status_are_listed(tmp_path):
    assert list_runs(tmp_path / "none") == ()
    copy_of(finished("binary"), tmp_path / "done")
    trained = copy_of(finished("binary"), tmp_path / "trained")
    trained.folder.report.unlink()
    unfinished = copy_of(finished("binary"), tmp_path / "unfinished")
    shutil.rmtree(unfinished.folder.model)
    unfinished.folder.report.unlink()
    planned = copy_of(finished("binary"), tmp_path / "planned")
    for path in (planned.folder.model, planned.folder.checkpoint):
        shutil.rmtree(path)
    planned.folder.report.unlink()
    damaged = copy_of(finished("binary"), tmp_path / "damaged")
    damaged.folder.evaluation.write_text("{}")
    broken = copy_of(finished("binary"), tmp_path / "broken")
    broken.folder.plan.write_text("schema: 99")
    broken.folder.report.unlink()
    (tmp_path / "no run").mkdir()
    found = {run.path.name: run for run in list_runs(tmp_path)}
    statuses = {name: run.status for name, run in found.items()}
    assert statuses == {
        "done": "done",
        "trained": "trained",
        "unfinished": "unfinished",
        "planned": "planned",
        "damaged": "damaged",
        "broken": "damaged",
    }
    done = found["done"]
    assert done.metric == "accuracy"
    assert done.value.low <= done.value.value <= done.value.high
    assert done.seconds > 0
    assert done.sentence
    assert "schema 99" in found["broken"].sentence
    assert found["planned"].task == "classification"
