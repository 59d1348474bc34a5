import pytest

from lamina.core.errors import RunError
from lamina.runs.reproduce import repeatable, reproduce
from tests.runs.tiny import copy_of, finished, quick_baselines


def test_a_repetition_on_the_same_machine_is_identical(tmp_path, monkeypatch):
    quick_baselines(monkeypatch)
    original = copy_of(finished("binary"), tmp_path / "run")
    found = reproduce(original.path)
    assert found.verdict == "identical"
    assert found.path == tmp_path / "run-again-1"
    assert "every weight agrees bit by bit" in found.sentence
    assert not [line for line in found.changes if not line.startswith("hashes.code")]


def test_other_weights_are_compared_by_their_answers(tmp_path, monkeypatch):
    quick_baselines(monkeypatch)
    original = copy_of(finished("binary"), tmp_path / "run")
    text = original.folder.plan.read_text()
    original.folder.plan.write_text(text.replace("batch_size: 16", "batch_size: 8"))
    found = reproduce(original.path, out=tmp_path / "again")
    assert found.verdict in ("within noise", "different")
    assert found.path == tmp_path / "again"


def test_an_unfinished_run_has_nothing_to_compare_with(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    run.folder.report.unlink()
    with pytest.raises(RunError, match="is trained, so there is nothing to compare with"):
        reproduce(run.path)


def test_a_run_that_stopped_early_is_repeated_under_its_own_schedule():
    plan = finished("binary").plan
    told = {"steps": 4, "total_steps": 10, "is_stopped_early": False}
    assert repeatable(plan, {"training": told}).recipe.training.steps == 4
    early = repeatable(plan, {"training": {**told, "is_stopped_early": True}})
    assert early.recipe.training.steps == 10
    assert not early.machine.is_probed
    assert early.budget.time_s is None
