import pytest

from lamina.core.errors import ConfigError, RunError
from lamina.runs.compare import compare_runs, load_answers
from tests.runs.tiny import copy_of, finished, turned


def test_a_run_does_not_differ_from_itself():
    run = finished("binary")
    found = compare_runs(run.path, run.path)
    assert found.outcome not in ("better", "worse")
    assert found.gain.value == 0
    assert run.path.name in found.sentence


def test_another_metric_can_be_asked_for():
    run = finished("binary")
    assert compare_runs(run.path, run.path, metric="log_loss").metric == "log_loss"
    with pytest.raises(ConfigError, match=r"unknown metric 'log_los'.*Did you mean 'log_loss'"):
        compare_runs(run.path, run.path, metric="log_los")
    with pytest.raises(ConfigError, match="rmse"):
        compare_runs(run.path, run.path, metric="rmse")


def test_runs_of_different_questions_are_not_compared():
    with pytest.raises(RunError, match="tested on different rows or ask different questions"):
        compare_runs(finished("binary").path, finished("number").path)
    with pytest.raises(RunError, match="tested on different rows"):
        compare_runs(finished("binary").path, finished("text").path)


def test_missing_or_damaged_answers_are_told(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    run.folder.answers.write_bytes(b"x" * 100)
    with pytest.raises(RunError, match="has no answers to compare"):
        load_answers(run)
    run.folder.answers.unlink()
    with pytest.raises(RunError, match="Finish it with: lamina resume"):
        compare_runs(run.path, run.path)


def test_a_coverage_cannot_be_compared_by():
    run = finished("quantiles")
    with pytest.raises(ConfigError, match="'coverage' cannot rank"):
        compare_runs(run.path, run.path, metric="coverage")


def test_written_answers_are_kept_as_texts():
    run = finished("text_to_text")
    kept = load_answers(run)
    assert kept.predictions.kind == "texts"
    assert all(isinstance(text, str) for text in (*kept.predictions.texts, *kept.truth))
    assert set(kept.truth) <= set(turned()["answer"])
    same = compare_runs(run.path, run.path)
    assert same.gain.value == 0.0
