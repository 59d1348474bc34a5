"""MLflow in a folder: parameters, figures, report; a resumed run goes on in the same run."""

import sys

import pytest

from lamina.core.errors import MissingExtraError
from lamina.runs.fit import fit
from lamina.runs.request import make_request
from lamina.runs.trackers.base import Outcome
from lamina.runs.trackers.mlflow import MLflowTracker
from lamina.runs.watch import Watch
from tests.runs.tiny import SETTINGS, finished, table


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)


def client(folder):
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=folder.resolve().as_uri())


def runs_in(folder):
    store = client(folder)
    return store.search_runs([store.get_experiment_by_name("lamina").experiment_id])


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_run_is_logged_with_its_report(tmp_path) -> None:
    store = tmp_path / "store"
    request = make_request(
        table(), target="answer", out=tmp_path / "run", settings=SETTINGS, overrule=True
    )
    run = fit(request, Watch(track=f"mlflow={store}"))
    (logged,) = runs_in(store)
    assert logged.info.status == "FINISHED"
    assert logged.data.params["training.steps"] == "6"
    accuracy = run.metrics["accuracy"]
    assert logged.data.metrics["test/accuracy"] == pytest.approx(accuracy.value)
    assert logged.data.metrics["test/accuracy_low"] == pytest.approx(accuracy.low)
    assert "validation/log_loss" in logged.data.metrics
    files = {item.path for item in client(store).list_artifacts(logged.info.run_id)}
    assert files == {"report.html", "plan.yaml"}


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_resumed_run_goes_on_in_the_same_run(tmp_path) -> None:
    plan, store = finished("binary").plan, tmp_path / "store"
    for step, is_interrupted in ((1, True), (2, False)):
        tracker = MLflowTracker(str(store))
        (tmp_path / "report.html").write_text("x")
        (tmp_path / "plan.yaml").write_text("x")
        tracker.begin(tmp_path, plan)
        tracker.write({"kind": "validation", "step": step, "loss": 1.0, "metrics": {"r2": step}})
        tracker.write({"kind": "end", "is_interrupted": is_interrupted})
        tracker.finish(Outcome({"metrics": {}}, tmp_path / "report.html"))
    (logged,) = runs_in(store)
    history = client(store).get_metric_history(logged.info.run_id, "validation/r2")
    assert [(m.step, m.value) for m in history] == [(1, 1.0), (2, 2.0)]
    assert logged.info.status == "FINISHED"


def test_without_the_library_the_pip_line_is_told(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow.tracking", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lamina\[track\]"'):
        MLflowTracker()
