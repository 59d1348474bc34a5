"""A folder for the hub: it answers as the run does, and says nothing of the machine."""

import json

import numpy as np
import pytest
from huggingface_hub import ModelCard

import lamina
from lamina.core.errors import BundleError, RunError
from lamina.runs import run as module
from lamina.runs.hub import save_to_hub_folder
from lamina.runs.run import Run
from tests.runs.tiny import EXAMPLES, finished


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_task_answers_from_the_folder_as_from_the_run(name, tmp_path) -> None:
    run = finished(name)
    folder = run.save_to_hub_folder(tmp_path / "hub", license="mit")
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "config.json",
        "evaluation.json",
        "model",
        "plan.yaml",
    ]
    shared = lamina.load(folder)
    source = EXAMPLES[name].make()
    assert shared.predict(source).equals(run.predict(source))
    assert {n: m.value for n, m in shared.metrics.items()} == pytest.approx(
        {n: m.value for n, m in run.metrics.items()}, nan_ok=True
    )
    card = ModelCard.load(folder / "README.md")
    assert card.data.license == "mit"
    assert card.data.eval_results
    assert json.loads((folder / "config.json").read_text())["library_name"] == "lamina"


def test_no_path_of_the_machine_goes_with_it(tmp_path) -> None:
    run = finished("binary")
    place = run.plan.data.source.encode()
    assert place in run.folder.plan.read_bytes()
    folder = save_to_hub_folder(run, tmp_path / "hub")
    for path in folder.rglob("*"):
        assert path.is_dir() or place not in path.read_bytes(), path.name


def test_a_damaged_folder_is_refused(tmp_path) -> None:
    folder = save_to_hub_folder(finished("binary"), tmp_path / "hub")
    path = folder / "model" / "network.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError):
        Run(folder).predict(EXAMPLES["binary"].make())


def test_nothing_is_written_over(tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(RunError, match="is not empty"):
        save_to_hub_folder(finished("binary"), tmp_path)


def test_the_hub_is_asked_only_by_its_prefix(tmp_path, monkeypatch) -> None:
    folder = save_to_hub_folder(finished("binary"), tmp_path / "hub")
    asked = []

    def fetch(name, files):
        asked.append((name, files))
        return folder

    monkeypatch.setattr(module, "fetched", fetch)
    Run(folder)
    assert asked == []
    answers = Run("hub:owner/name").predict(EXAMPLES["binary"].make())
    assert asked == [("hub:owner/name", module.HUB_FILES)]
    assert np.isfinite(answers["probability"].to_numpy()).all()


def test_a_report_is_shown_or_missed(tmp_path) -> None:
    run = finished("binary")
    assert run.report().page == run.folder.report.read_text()
    folder = save_to_hub_folder(run, tmp_path / "hub")
    with pytest.raises(RunError, match="has no report"):
        Run(folder).report()
