"""Data and decisions that a checkpoint belongs to; places and speed are none of them."""

from dataclasses import replace

import pytest

from lamina.core.errors import BundleError
from lamina.runs.fit import gather, resume
from lamina.runs.identity import identity_of
from lamina.runs.plan import read_plan, write_plan
from lamina.runs.watch import Watch
from tests.runs.tiny import copy_of, finished, quick_baselines, table


def test_what_changes_the_numbers_changes_the_identity(tmp_path):
    plan = finished("binary").plan
    material = gather(plan, folder=tmp_path, watch=Watch())
    before = identity_of(plan, material)
    assert {"the train data", "the plan's network", "the plan's seed"} <= before.keys()

    def changed(*settings):
        after = identity_of(plan.with_settings(settings), material)
        return [name for name in before if before[name] != after[name]]

    assert changed("training.batch_size=8") == ["the plan's training"]
    assert changed("seed=5") == ["the plan's seed"]
    assert changed("transfer.rate_factor=0.5") == ["the plan's transfer"]
    free = ("budget.time_s=5", "machine.is_probed=true", "training.execution.threads=2")
    assert changed(*free, "data.source=elsewhere.csv", "data.storage=disk") == []
    write_plan(plan, tmp_path / "plan.yaml")
    assert identity_of(read_plan(tmp_path / "plan.yaml"), material) == before


def unfinished(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    table().write_csv(tmp_path / "people.csv")
    data = replace(run.plan.data, source=str(tmp_path / "people.csv"))
    write_plan(replace(run.plan, data=data), run.folder.plan)
    run.folder.report.unlink()
    return run


def test_a_run_whose_data_changed_does_not_go_on(tmp_path):
    run = unfinished(tmp_path)
    changed = table()
    changed[5, "x"] = 0.123
    changed.write_csv(tmp_path / "people.csv")
    with pytest.raises(BundleError, match="another training: the train data differ"):
        resume(run.path)


def test_a_run_goes_on_where_its_data_only_moved(tmp_path, monkeypatch):
    quick_baselines(monkeypatch)
    run = unfinished(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert resume(run.path).status == "done"
