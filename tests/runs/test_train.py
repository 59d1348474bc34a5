"""The training stage: the probe, the start from another run, validation, calibration."""

import fnmatch
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.data.dataset import encode_frame
from lamina.runs.plan import read_plan
from lamina.runs.train import Validation
from lamina.tasks.table import TASKS
from lamina.training.config import ValidationConfig
from lamina.training.log import read_log
from tests.runs.tiny import EXAMPLES, copy_of, finished, fit_tiny, table, weights


def test_validation_measures_what_the_kind_of_answer_needs():
    for name in EXAMPLES:
        run = finished(name)
        rows = [r for r in read_log(run.folder.log) if r["kind"] == "validation"]
        assert rows, name
        if not run.evaluation["rows"]["validation"]:
            continue
        assert set(rows[-1]["metrics"]) == set(TASKS[EXAMPLES[name].task].value.watched)
        assert all(np.isfinite(v) for v in rows[-1]["metrics"].values())


def test_the_probe_settles_the_machine_once(tmp_path, monkeypatch):
    from lamina.runs import train

    monkeypatch.setattr(train, "PROBE_SECONDS", 0.2)
    run = fit_tiny(
        table(),
        out=tmp_path / "run",
        target="answer",
        overrule=True,
        settings={"machine.is_probed": True},
    )
    plan = read_plan(run.folder.plan)
    assert not plan.machine.is_probed
    assert "settings measured" in plan.reasons["training.execution"]
    (row,) = [r for r in read_log(run.folder.log) if r["kind"] == "probe"]
    assert sum(one["is_chosen"] for one in row["candidates"]) == 1
    report = run.folder.report.read_text()
    assert "bfloat16" in report
    bundle = run.predictor.plan
    assert bundle.recipe.training.execution == plan.recipe.training.execution


def test_the_same_seed_gives_the_same_weights(tmp_path):
    def trained(name, seed):
        return weights(
            fit_tiny(table(), out=tmp_path / name, target="answer", overrule=True, seed=seed)
        )

    one, again, other = trained("a", 1), trained("b", 1), trained("c", 2)
    assert all(torch.equal(value, again[name]) for name, value in one.items())
    assert any(not torch.equal(value, other[name]) for name, value in one.items())


def test_another_number_of_classes_gets_a_new_head(tmp_path):
    said = []
    start = finished("binary")
    from lamina.runs import fit as stages
    from lamina.runs.request import make_request
    from lamina.runs.watch import Watch
    from tests.runs.tiny import SETTINGS, quick_baselines

    request = make_request(
        table(),
        out=tmp_path / "run",
        target="size",
        ignore=EXAMPLES["classes"].ignore,
        overrule=True,
        from_run=start.path,
        settings={**SETTINGS, "transfer.freeze": "[encoders.*]"},
    )
    with pytest.MonkeyPatch.context() as patch:
        quick_baselines(patch)
        run = stages.fit(request, Watch(say=said.append))
    assert run.plan.transfer.run == str(start.path.resolve())
    assert run.plan.recipe.training.rates == {}
    (line,) = [text for text in said if text.startswith("From ")]
    assert "tensors taken" in line
    assert "of another shape start afresh" in line
    before, after = weights(start), weights(run)
    kept = [n for n in after if fnmatch.fnmatch(n, "encoders.*")]
    assert kept
    assert all(torch.equal(before[n], after[n]) for n in kept)
    assert any(before[n].shape != after[n].shape for n in after if n.startswith("heads."))
    moved = [n for n in after if n.startswith("trunk.") and not torch.equal(before[n], after[n])]
    assert moved


def test_a_pattern_to_freeze_that_fits_nothing_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"'encodr.\*' to freeze fits no parameter"):
        fit_tiny(
            table(),
            out=tmp_path / "run",
            target="answer",
            overrule=True,
            from_run=finished("binary").path,
            settings={"transfer.freeze": "['encodr.*']"},
        )


def test_a_start_from_another_kind_of_network_is_told(tmp_path):
    with pytest.raises(ConfigError, match="weights of the other run fits"):
        fit_tiny(
            table(),
            out=tmp_path / "run",
            target="answer",
            overrule=True,
            from_run=finished("picture").path,
        )


def test_calibration_can_be_left_out(tmp_path):
    run = fit_tiny(
        table(),
        out=tmp_path / "run",
        target="answer",
        overrule=True,
        settings={"answering.is_calibrated": False},
    )
    assert run.predictor.temperature == 1.0
    assert "reliability_before" not in run.evaluation
    assert finished("binary").predictor.temperature != 1.0
    assert finished("number").predictor.temperature == 1.0


def test_a_time_budget_is_kept(tmp_path):
    run = fit_tiny(
        table(),
        out=tmp_path / "run",
        target="answer",
        overrule=True,
        time="1.5s",
        settings={"training.steps": None},
    )
    told = run.evaluation["training"]
    assert 0.5 < told["seconds"] < 2.5
    assert told["steps"] > 10
    assert "time" in run.folder.report.read_text()


def test_mixing_and_augmentation_reach_the_network(tmp_path):
    run = fit_tiny(
        EXAMPLES["picture"].make(),
        out=tmp_path / "run",
        target="label",
        settings={"augmentation.mixup": 0.5, "augmentation.translate": 1},
    )
    same = weights(finished("picture"))
    assert any(not torch.equal(value, same[name]) for name, value in weights(run).items())


def test_a_copy_of_a_run_is_a_run(tmp_path):
    assert copy_of(finished("binary"), tmp_path / "copy").status == "done"


def test_rates_of_a_start_stay_out_of_the_plan_and_can_be_set_later(tmp_path, monkeypatch):
    from lamina.runs import train

    monkeypatch.setattr(train, "PROBE_SECONDS", 0.2)
    options = {"target": "answer", "overrule": True, "from_run": finished("binary").path}
    options["ignore"] = EXAMPLES["binary"].ignore
    settings = {"machine.is_probed": True, "training.rates": {"heads.*": 0.5}}
    source = finished("binary").plan.data.source
    run = fit_tiny(source, out=tmp_path / "a", settings=settings, **options)
    plan = read_plan(run.folder.plan)
    assert not plan.machine.is_probed
    assert plan.recipe.training.rates == {"heads.*": 0.5}
    still = {"transfer.rate_factor": 1e-12, "training.rates": {}}
    slow = fit_tiny(run.folder.plan, out=tmp_path / "b", settings=still, overrule=True)
    before, fast, after = weights(finished("binary")), weights(run), weights(slow)
    moved = [n for n in before if n.startswith("trunk.") and "weight" in n]
    assert all(torch.allclose(before[n], after[n], atol=1e-6) for n in moved)
    assert not all(torch.allclose(before[n], fast[n], atol=1e-6) for n in moved)


def test_the_metric_that_keeps_the_weights_is_measured(tmp_path):
    run = fit_tiny(
        table(),
        out=tmp_path / "run",
        target="answer",
        overrule=True,
        settings={"training.validation.metric": "brier"},
    )
    rows = [r for r in read_log(run.folder.log) if r["kind"] == "validation"]
    assert all("brier" in row["metrics"] for row in rows)
    assert rows[-1]["metrics"]["brier"] >= 0
    assert not run.plan.recipe.training.validation.is_maximised


def test_a_metric_without_validation_rows_is_told_before_the_first_step():
    predictor = finished("binary").predictor
    training = predictor.plan.recipe.training
    judged = replace(training, validation=ValidationConfig(metric="accuracy"))
    plan = replace(predictor.plan, recipe=replace(predictor.plan.recipe, training=judged))
    dataset = encode_frame(predictor.schema, table())
    none = SimpleNamespace(
        schema=predictor.schema, split=SimpleNamespace(validation=torch.zeros(0).long())
    )
    with pytest.raises(ConfigError, match="no validation rows to measure it on"):
        Validation(replace(predictor, plan=plan), dataset, none)


def test_another_order_of_the_classes_does_not_mix_up_the_head(tmp_path):
    frame = table().with_columns(
        pl.col("answer").replace({"yes": "a", "no": "b"})  # the classes change places
    )
    start = finished("binary")
    run = fit_tiny(
        frame,
        out=tmp_path / "run",
        target="answer",
        ignore=EXAMPLES["binary"].ignore,
        overrule=True,
        from_run=start.path,
        settings={"training.optimizer.rate": 1e-9},
    )
    before, after = weights(start), weights(run)
    heads = [name for name in after if name.startswith("heads.")]
    assert all(before[name].shape == after[name].shape for name in heads)
    assert not any(torch.allclose(before[name], after[name], atol=1e-3) for name in heads)
