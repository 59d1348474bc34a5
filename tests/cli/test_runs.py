"""`lamina runs`, `compare`, `verify-resume` and `reproduce`."""

import pytest

from lamina.runs.reproduce import Reproduction
from lamina.runs.verify import ResumeProof
from tests.runs.tiny import copy_of, finished


def test_runs_are_listed(lamina, tmp_path):
    assert lamina("runs", "none").out.startswith("No runs here")
    assert lamina("runs", "none", "--json").json == []
    copy_of(finished("binary"), tmp_path / "runs" / "binary-1")
    copy_of(finished("number"), tmp_path / "runs" / "number-1")
    shown = lamina("runs")
    assert shown.code == 0
    assert "binary-1" in shown.out
    assert "accuracy" in shown.out
    told = lamina("runs", "--json").json
    assert {run["path"] for run in told} == {"runs/binary-1", "runs/number-1"}
    assert all(run["value"]["low"] <= run["value"]["value"] for run in told)


def test_compare(lamina):
    path = finished("binary").path
    shown = lamina("compare", path, path)
    assert shown.code == 0
    told = lamina("compare", path, path, "--metric", "log_loss", "--json").json
    assert told["metric"] == "log_loss"
    assert told["gain"]["value"] == 0
    other = lamina("compare", path, finished("number").path)
    assert other.code == 2
    assert "cannot be compared" in other.err


@pytest.mark.parametrize(
    ("verdict", "code"), [("identical", 0), ("within noise", 0), ("different", 1)]
)
def test_reproduce_exits_by_its_verdict(lamina, monkeypatch, tmp_path, verdict, code):
    outcome = Reproduction(tmp_path, verdict, "A sentence.", ("versions.torch: 1 → 2",))
    monkeypatch.setattr("lamina.runs.reproduce.reproduce", lambda *_a, **_o: outcome)
    shown = lamina("reproduce", "x")
    assert shown.code == code
    assert f"{verdict}: A sentence." in shown.out
    assert "changed: versions.torch" in shown.out
    told = lamina("reproduce", "x", "--json")
    assert (told.code, told.json["verdict"]) == (code, verdict)


@pytest.mark.parametrize(("is_equal", "code"), [(True, 0), (False, 1)])
def test_verify_resume_exits_by_its_outcome(lamina, monkeypatch, is_equal, code):
    asked = []
    proof = ResumeProof(is_equal, 2, 12, () if is_equal else ("heads.y.weight",), 3.5)
    monkeypatch.setattr(
        "lamina.runs.verify.verify_resume", lambda p, *, num_kills: asked.append(num_kills) or proof
    )
    shown = lamina("verify-resume", "x", "--kills", 2)
    assert (shown.code, asked) == (code, [2])
    assert "Killed 2 times; 12 tensors" in shown.out
    assert ("bit-identical" if is_equal else "DIFFERENT in heads.y.weight") in shown.out
    assert lamina("verify-resume", "x", "--json").json["is_equal"] is is_equal


@pytest.mark.parametrize(
    "words",
    [
        ("resume", "x"),
        ("predict", "x", "data.csv"),
        ("score", "x", "data.csv"),
        ("compare", "x", "y"),
        ("verify-resume", "x"),
        ("reproduce", "x"),
    ],
)
def test_a_folder_that_is_no_run_is_told(lamina, words):
    done = lamina(*words)
    assert done.code == 2
    assert "x is no run folder" in done.err
    assert "Traceback" not in done.err
