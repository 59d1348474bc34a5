"""A run that is killed at any moment ends with the weights of one that was not."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lamina.core.errors import ConfigError, RunError
from lamina.runs import verify
from lamina.runs.fit import resume
from lamina.runs.folder import RunFolder
from lamina.runs.plan import write_plan
from lamina.runs.run import Run
from lamina.runs.verify import _is_killed, _is_same, verify_resume
from lamina.runs.watch import Watch
from lamina.training.log import AbstractLogger, read_log
from tests.runs.tiny import (
    EXAMPLES,
    assert_same_weights,
    copy_of,
    finished,
    quick_baselines,
    weights,
)

ROOT = Path(__file__).parents[2]

FORGE = """
# One process imports; every attempt is a fork of it that may kill itself at a named place.
import json, os, signal, sys
import torch
torch.set_num_threads(1)
import pytest
from lamina.runs import conclude, evaluate, fit, train
from lamina.runs.folder import RunFolder
from lamina.runs.predictor import Predictor
from lamina.training.checkpoint import CheckpointStore
from tests.runs.tiny import quick_baselines
import lamina.reports.render, sklearn.linear_model, sklearn.preprocessing

class Eager(CheckpointStore):
    def __init__(self, folder):
        super().__init__(folder, cost_share=1e9, min_interval_s=0.0)

train.CheckpointStore = Eager
quick_baselines(pytest.MonkeyPatch())

def die_after(owner, name, times):
    real, count = getattr(owner, name), [0]
    def dying(*args, **options):
        done = real(*args, **options)
        count[0] += 1
        if count[0] == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(owner, name, dying)

PLACES = {
    "gathered": (fit, "gather"),
    "checkpoint": (CheckpointStore, "save"),
    "trained": (fit, "train_network"),
    "bundle": (Predictor, "save"),
    "evaluated": (RunFolder, "write_json"),
}
for path, place, times in json.loads(sys.argv[1]):
    pid = os.fork()
    if pid == 0:
        if place:
            die_after(*PLACES[place], times)
        fit.resume(path)
        os._exit(0)
    print(json.dumps([os.waitpid(pid, 0)[1], RunFolder(fit.Path(path)).status()]), flush=True)
"""


def attempts(*stages: tuple[RunFolder, str, int]) -> list[str]:
    """Resume runs, each attempt in a process of its own; return the status after each."""
    words = [(str(folder.path), place, times) for folder, place, times in stages]
    done = subprocess.run(
        [sys.executable, "-c", FORGE, json.dumps(words)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for (_, place, _), (code, _) in zip(stages, found, strict=True):
        assert code == (signal.SIGKILL if place else 0), (place, done.stderr)
    return [status for _, status in found]


def planned(name: str, path, steps: int = 12, *settings: str) -> RunFolder:
    path.mkdir()
    folder = RunFolder(path)
    plan = finished(name).plan.with_settings([f"training.steps={steps}", *settings])
    write_plan(plan, folder.plan)
    return folder


def test_killed_at_every_stage_and_still_the_same(tmp_path):
    whole = planned("binary", tmp_path / "whole")
    killed = planned("binary", tmp_path / "killed")
    stages = {
        ("gathered", 1): "planned",
        ("checkpoint", 3): "unfinished",
        ("checkpoint", 5): "unfinished",
        ("trained", 1): "unfinished",
        ("bundle", 1): "trained",
        ("evaluated", 2): "trained",
        ("", 0): "done",
    }
    found = attempts((whole, "", 0), *[(killed, *stage) for stage in stages])
    assert found == ["done", *stages.values()]
    run = Run(killed.path)
    assert_same_weights(Run(whole.path), run)
    assert run.evaluation["training"]["steps"] == 12
    assert run.evaluation["test_touched"] == 1
    assert run.evaluation["metrics"] == Run(whole.path).evaluation["metrics"]
    assert sum(row["kind"] == "start" for row in read_log(run.folder.log)) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_kind_of_run_survives_a_kill(tmp_path, name):
    whole = planned(name, tmp_path / "whole")
    killed = planned(name, tmp_path / "killed")
    found = attempts(
        (whole, "", 0), (killed, "checkpoint", 4), (killed, "checkpoint", 2), (killed, "", 0)
    )
    assert found == ["done", "unfinished", "unfinished", "done"]
    assert_same_weights(Run(whole.path), Run(killed.path))


@pytest.mark.slow
def test_the_proof_of_exact_resume(tmp_path):
    found = verify_resume(finished("binary").path, num_kills=2, folder=tmp_path)
    assert found.is_equal
    assert found.differing == ()
    assert found.num_tensors == len(weights(finished("binary")))
    assert found.num_kills == 2


class Impatient(AbstractLogger):
    """Sends this process a signal while it trains, as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        self._number = number

    def write(self, record) -> None:
        if record["kind"] == "validation" and record["step"] < 20:
            os.kill(os.getpid(), self._number)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_a_usable_model_that_can_go_on(tmp_path, monkeypatch, number):
    quick_baselines(monkeypatch)
    plan = ("training.validation.every=1",)
    whole = planned("binary", tmp_path / "whole", 30, *plan)
    resume(whole.path)
    stopped = planned("binary", tmp_path / "stopped", 30, *plan)
    said = []
    run = resume(stopped.path, Watch(say=said.append, logger=Impatient(number)))
    assert run.evaluation["training"]["is_interrupted"]
    assert "interrupted: the model so far is kept" in said[-1]
    assert run.status == "unfinished"
    assert run.evaluation["training"]["steps"] < 20
    assert "Training was interrupted" in run.folder.report.read_text()
    assert run.predict(EXAMPLES["binary"].make()).height == 160
    resume(stopped.path)
    assert run.status == "done"
    assert run.evaluation["test_touched"] == 2
    assert run.evaluation["training"]["steps"] == 30
    assert_same_weights(Run(whole.path), Run(stopped.path))


def test_equal_means_bit_by_bit():
    nan = torch.tensor([float("nan"), 1.0])
    assert _is_same(nan, nan.clone())
    assert not _is_same(torch.tensor([0.0]), torch.tensor([-0.0]))
    assert not _is_same(torch.zeros(2), torch.zeros(2, dtype=torch.float64))
    assert not _is_same(torch.zeros(2), torch.zeros(1, 2))
    assert _is_same(torch.zeros(0), torch.zeros(0))


def test_a_run_that_cannot_be_repeated_is_told(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    text = run.folder.plan.read_text().replace(run.plan.data.source, "/nowhere/data.csv")
    run.folder.plan.write_text(text)
    with pytest.raises(RunError, match=r"the repetition failed: lamina: .*/nowhere/data.csv"):
        verify_resume(run.path, num_kills=1, folder=tmp_path / "work")


def test_no_kills_prove_nothing(tmp_path):
    with pytest.raises(ConfigError, match="kills must be at least 1, got 0"):
        verify_resume(finished("binary").path, num_kills=0, folder=tmp_path)


CHILDREN = {
    "works": ("import time; time.sleep(0.3); log.write(START); log.flush(); time.sleep(60)", True),
    "ends": ("log.write(START)", False),
    "ends before it began": ("pass", False),
}


@pytest.mark.parametrize("name", CHILDREN)
def test_a_kill_waits_until_training_has_begun(tmp_path, monkeypatch, name):
    code, is_killed = CHILDREN[name]
    folder = RunFolder(tmp_path)
    folder.log.write_text(json.dumps({"kind": "start"}) + "\n")
    head = f"log = open({str(folder.log)!r}, 'a'); START = {json.dumps({'kind': 'start'})!r}; "

    def start(_folder):
        words = [sys.executable, "-c", head + code]
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    monkeypatch.setattr(verify, "_start", start)
    assert _is_killed(folder, 1.0 if name == "ends" else 0.05) is is_killed
    assert folder.log.read_text().count("start") == (1 if "before" in name else 2)


def test_repetitions_that_finish_too_soon_are_followed_by_others(tmp_path, monkeypatch):
    plan, done, kills = finished("binary").plan, [], iter([False, True, False, True])
    monkeypatch.setattr(verify, "_is_killed", lambda folder, delay: next(kills))
    monkeypatch.setattr(verify, "_finish", done.append)
    monkeypatch.setattr(RunFolder, "status", lambda folder: "done")
    folders = verify._kill_often(tmp_path, plan, 2, 1.0, random.Random(0))
    assert len(folders) == 5
    assert done == [folders[-1]]
    monkeypatch.setattr(verify, "_is_killed", lambda folder, delay: False)
    with pytest.raises(RunError, match="too little to be killed 2 times"):
        verify._kill_often(tmp_path / "more", plan, 2, 1.0, random.Random(0))
