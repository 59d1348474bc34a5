"""Event files: losses, metrics, the plan and the final figures; a resumed run goes on in them."""

import sys

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from lamina.core.errors import MissingExtraError
from lamina.runs.fit import fit
from lamina.runs.request import make_request
from lamina.runs.trackers.base import Outcome
from lamina.runs.trackers.tensorboard import TensorBoardTracker
from lamina.runs.watch import Watch
from tests.runs.tiny import SETTINGS, finished, table


def events(folder):
    found = EventAccumulator(str(folder))
    found.Reload()
    return found


@pytest.mark.parametrize("where", [None, "elsewhere"])
def test_a_run_is_written(tmp_path, where) -> None:
    out = tmp_path / "run"
    track = "tensorboard" if where is None else f"tensorboard={tmp_path / where}"
    request = make_request(table(), target="answer", out=out, settings=SETTINGS, overrule=True)
    run = fit(request, Watch(track=track))
    found = events(out / "tensorboard" if where is None else tmp_path / where / "run")
    accuracy = found.Scalars("test/accuracy")[-1]
    assert accuracy.step == 6
    assert accuracy.value == pytest.approx(run.metrics["accuracy"].value)
    assert {"validation/log_loss", "test/accuracy_low", "energy/joules"} <= set(
        found.Tags()["scalars"]
    )
    assert found.Tags()["tensors"] == ["plan/text_summary"]


def test_a_resumed_run_hides_what_was_written_after_the_checkpoint(tmp_path) -> None:
    plan = finished("binary").plan
    step = {"kind": "step", "rate": 0.1, "samples_per_second": 1.0}
    first = TensorBoardTracker(str(tmp_path))
    first.begin(tmp_path / "run", plan)
    first.write({"kind": "start", "step": 0})
    for number in (1, 2, 3):
        first.write({**step, "step": number, "loss": 9.0})
    first.close()
    second = TensorBoardTracker(str(tmp_path))
    second.begin(tmp_path / "run", plan)
    second.write({"kind": "start", "step": 1})
    second.write({**step, "step": 2, "loss": 5.0})
    second.finish(Outcome({"metrics": {}}, tmp_path / "report.html"))
    found = [(e.step, e.value) for e in events(tmp_path / "run").Scalars("train/loss")]
    assert found == [(1, 9.0), (2, 5.0)]


def test_without_the_library_the_pip_line_is_told(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lamina\[track\]"'):
        TensorBoardTracker()
