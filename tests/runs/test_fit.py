"""Every task and every kind of input, from data to report."""

import json

import pytest

from lamina.runs.fit import resume
from tests.runs.tiny import EXAMPLES, finished


@pytest.mark.parametrize("name", EXAMPLES)
def test_from_data_to_report(name):
    run = finished(name)
    assert run.status == "done"
    assert run.plan.task == EXAMPLES[name].task
    told = run.evaluation
    assert told["training"]["steps"] == 6
    assert told["test_touched"] == 1
    assert told["baselines"]["constant"]["metrics"]
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
