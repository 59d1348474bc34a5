"""A tracker that fails is given up, once and loudly, and the run goes on."""

from pathlib import Path

import pytest

from lamina.runs.fit import fit
from lamina.runs.request import make_request
from lamina.runs.trackers.base import AbstractTracker, GuardedTracker, Outcome, leaves, scalars
from lamina.runs.watch import Watch
from tests.runs.tiny import SETTINGS, finished, table


class Broken(AbstractTracker):
    name = "broken"

    def __init__(self):
        self.calls = 0

    def _fail(self, *_):
        self.calls += 1
        raise ConnectionError("no server\nat home")

    begin = write = finish = _fail

    def close(self):
        self._fail()


def test_a_failure_is_told_once_and_nothing_is_asked_again() -> None:
    said, broken = [], Broken()
    tracker = GuardedTracker(broken, said.append)
    tracker.begin(Path("x"), finished("binary").plan)
    tracker.write({"kind": "step"})
    tracker.close()
    tracker.finish(Outcome({}, Path("x")))
    assert said == ["broken cannot be reached and is given up: no server at home"]
    assert broken.calls == 1


def test_figures_are_metrics_with_their_intervals() -> None:
    told = {"metrics": {"rmse": {"value": 1.0, "low": 0.5, "high": 2}, "r2": {"value": None}}}
    assert dict(Outcome(told, Path("x")).figures()) == {
        "test/rmse": 1.0,
        "test/rmse_low": 0.5,
        "test/rmse_high": 2.0,
    }


def test_records_become_figures() -> None:
    step = {"kind": "step", "step": 3, "loss": 1, "rate": 0.1, "samples_per_second": 9.0}
    assert scalars(step) == {
        "train/loss": 1.0,
        "train/rate": 0.1,
        "train/samples_per_second": 9.0,
    }
    validation = {"kind": "validation", "loss": 0.5, "metrics": {"accuracy": 0.75}}
    assert scalars(validation) == {"validation/accuracy": 0.75, "train/loss_per_epoch": 0.5}
    assert scalars({"kind": "energy", "joules": 7.0}) == {"energy/joules": 7.0}
    assert scalars({"kind": "event", "message": "x"}) == {}


def test_every_decision_has_its_full_name() -> None:
    found = dict(leaves(finished("binary").plan.to_document()))
    assert found["training.steps"] == 6
    assert not any(name.startswith("reasons") for name in found)


def test_a_run_outlives_its_tracker(tmp_path, monkeypatch) -> None:
    from lamina.runs.trackers import table as module

    monkeypatch.setattr(module, "make_tracker", lambda _: Broken())
    with pytest.warns(RuntimeWarning, match="given up"):
        run = fit(
            make_request(
                table(), target="answer", out=tmp_path / "run", settings=SETTINGS, overrule=True
            ),
            Watch(track="tensorboard"),
        )
    assert run.status == "done"
