import pytest

from lamina.core.errors import RunError
from lamina.runs.reproduce import reproduce
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
