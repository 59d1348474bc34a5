"""Learning without judging: the model that `fit` would train on the same rows, and nothing left."""

import tempfile
from pathlib import Path

import polars as pl
import torch

from lamina.runs.fit import fit
from lamina.runs.learn import learn
from lamina.runs.request import make_request
from tests.runs.tiny import table

SETTINGS = ("training.steps=6", "machine.is_probed=false")


def test_all_rows_are_learnt_from_and_nothing_is_left(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    learnt = learn(make_request(table(), target="answer", settings=SETTINGS, overrule=True))
    assert learnt.steps == 6
    assert learnt.predictor.plan.data.split.test == 0
    # torch keeps a folder of its own for what it compiles.
    assert list(Path(tmp_path).glob("lamina-*")) == []


def test_it_is_the_model_that_fit_trains_on_the_same_rows(tmp_path) -> None:
    frame = table()
    parts = {
        "train.csv": frame.slice(0, 100),
        "validation.csv": frame.slice(100, 30),
        "test.csv": frame.slice(130),
    }
    for name, rows in parts.items():
        rows.write_csv(tmp_path / name)
    options = {
        "target": "answer",
        "validation": str(tmp_path / "validation.csv"),
        "settings": SETTINGS,
        "seed": 3,
        "overrule": True,
    }
    source = str(tmp_path / "train.csv")
    learnt = learn(make_request(source, **options))
    request = make_request(source, test=str(tmp_path / "test.csv"), out=tmp_path / "run", **options)
    wanted = fit(request).predictor
    found = learnt.predictor.model.state_dict()
    assert all(torch.equal(found[name], value) for name, value in wanted.model.state_dict().items())
    assert learnt.predictor.temperature == wanted.temperature
    assert isinstance(learnt.predictor.predict(frame), pl.DataFrame)
