"""Test rows are answered once; the document says how well, against what, and where not."""

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
import torch

from lamina.runs import evaluate
from lamina.runs.compare import compare_runs, load_answers
from lamina.runs.evaluate import plain
from tests.runs.tiny import EXAMPLES, finished, fit_tiny, table


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_document_is_complete(name):
    told = finished(name).evaluation
    json.dumps(told, allow_nan=False)
    for key in ("task", "metric", "metrics", "baselines", "verdict", "rows", "training"):
        assert key in told
    assert next(iter(told["metrics"])) == told["metric"]
    for baseline in told["baselines"].values():
        assert baseline["metrics"].keys() == told["metrics"].keys()
    assert told["verdict"]["best_baseline"] in told["baselines"]
    kind = EXAMPLES[name].task
    assert ("class_names" in told) == (kind == "classification")
    assert ("label_names" in told) == (kind == "multi_label")
    assert ("reliability" in told) == (kind in ("classification", "multi_label"))
    assert ("fits" in told) == (kind in ("regression", "quantile_regression"))


def test_no_test_row_is_answered_before_the_evaluation(tmp_path, monkeypatch):
    from lamina.runs.predictor import Predictor

    asked, real = [], Predictor.outputs

    def counting(self, dataset, index, *, is_final=True):
        asked.append(set(index.tolist()))
        return real(self, dataset, index, is_final=is_final)

    monkeypatch.setattr(Predictor, "outputs", counting)
    run = fit_tiny(table(), out=tmp_path / "run", target="answer", overrule=True)
    from lamina.runs.compare import load_answers

    test = set(load_answers(run).rows.tolist())
    assert len(test) == run.evaluation["rows"]["test"]
    touched = [rows & test for rows in asked if rows & test]
    assert touched[0] == test
    # What comes after explains them, and nothing is chosen by it.
    assert len(touched) <= 2


def test_training_rows_and_test_rows_do_not_meet(tmp_path, monkeypatch):
    from lamina.runs import fit as stages

    seen, real = [], stages.train_network
    monkeypatch.setattr(
        stages, "train_network", lambda f, p, m, w: seen.append(m.split) or real(f, p, m, w)
    )
    fit_tiny(table(), out=tmp_path / "run", target="answer", overrule=True)
    (parts,) = seen
    rows = torch.cat([parts.train, parts.validation, parts.test])
    assert len(rows.unique()) == len(rows) == 160


@dataclass(frozen=True)
class _Record:
    a: float
    b: object


def test_records_become_plain_values():
    record = _Record(float("nan"), {"x": (np.float64(1.5), np.arange(2)), 3: float("inf")})
    assert plain(record) == {"a": None, "b": {"x": [1.5, [0, 1]], "3": None}}


def test_a_run_in_groups_counts_groups_from_end_to_end(tmp_path):
    # A person on every four rows, some unknown; the days tell the quarters of a slice.
    people = [None if i % 40 == 0 else f"p{i // 4}" for i in range(640)]
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2021, 12, 31), eager=True)
    frame = table(640).with_columns(
        who=pl.Series(people, dtype=pl.String),
        day=days.head(640).cast(pl.String),
        cost=pl.Series([f"${1000 + 7 * row:,}" for row in range(640)]),
    )
    ignore = ("size", "price", "weight", "is_warm", "is_wet")
    options = {"target": "answer", "group": "who", "ignore": ignore, "overrule": True}
    run = fit_tiny(frame, out=tmp_path / "run", **options)
    found, cells = load_answers(run), frame["who"].to_list()
    names = [cells[row] for row in found.rows]
    known = {name for name in names if name is not None}
    assert None in names
    assert len(set(found.groups.tolist())) == len(known) + names.count(None)
    compared = compare_runs(run.path, run.path, metric="accuracy")
    assert compared.method == "paired bootstrap"
    grouped, alone = run.score(frame)["log_loss"], run.score(frame.drop("who"))["log_loss"]
    assert grouped.value == alone.value
    assert grouped != alone
    assert sum(s["column"] == "cost" for s in run.evaluation["slices"]) == 4
    parts = [s["part"] for s in run.evaluation["slices"] if s["column"] == "day"]
    assert parts
    assert all(" to 202" in part for part in parts)


def test_series_of_many_rows_stay_together_for_simple_methods(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "_most_rows", lambda dataset: 60)
    example = EXAMPLES["forecast"]
    run = fit_tiny(example.make(), out=tmp_path / "run", target="sold", **example.options)
    assert set(run.evaluation["baselines"]) == {"naive", "seasonal_naive", "ets", "theta"}
