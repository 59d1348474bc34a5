"""Test rows are answered once; the document says how well, against what, and where not."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from lamina.core.records import Interval
from lamina.runs.evaluate import interval, plain
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


def test_test_rows_are_answered_once(tmp_path, monkeypatch):
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
    assert [rows & test for rows in asked if rows & test] == [test]
    assert asked[-1] == test


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
    assert interval(plain(Interval(1.0, 0.5, 2.0))) == Interval(1.0, 0.5, 2.0)
    assert np.isnan(interval(plain(Interval(1.0, float("nan"), 2.0))).low)
