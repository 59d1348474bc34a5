from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.evaluation.predictions import Predictions
from lamina.runs.drawn_forecasts import MOST_DRAWN, ORIGINS, drawn_forecasts
from lamina.runs.run import Run
from tests.data.test_windows import _wide, _windows
from tests.runs.tiny import fit_tiny


def test_forecasts_are_drawn_beside_what_came():
    windows = _windows(_wide())
    origins = np.arange(10, 30)
    future = (origins[:, None] + np.arange(1, 4)).astype(float)[:, :, None]
    truth = np.concatenate([future, np.ones((20, 2, 1))], axis=1)
    truth[0, 2] = np.nan
    values = future[..., None] + np.array([-1.0, 0.0, 1.0])
    values[10:, 1] += 5.0  # the second step of the later half lies outside
    found = Predictions("forecasts", values.reshape(20, -1), (0.05, 0.5, 0.95))
    told = drawn_forecasts(windows, origins, found, truth)
    assert len(told["forecasts"]) == MOST_DRAWN
    first = told["forecasts"][0]
    assert first["row"] == 10
    assert first["target"] == "y"
    assert np.allclose(first["past"], np.arange(2, 11), atol=1e-4)
    assert first["median"] == [11, 12, 13]
    assert first["truth"] == [11, 12, None]
    assert told["coverage_by_step"] == [1.0, 0.5, 1.0]
    assert len(told["coverage_by_origins"]) == ORIGINS
    assert told["coverage_by_origins"][0] == 1.0
    assert told["coverage_by_origins"][-1] == 2 / 3


def test_a_run_forecasts_the_rows_that_follow(tmp_path):
    time = np.arange(260)
    chance = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "when": [datetime(2024, 1, 1) + timedelta(hours=int(t)) for t in time],
            "load": 20 + np.sin(2 * np.pi * time / 24) + 0.1 * chance.normal(size=260),
        }
    )
    run = fit_tiny(
        frame, out=tmp_path / "run", target="load", time_column="when", horizon=6, overrule=True
    )
    told = run.evaluation
    assert set(told["baselines"]) == {"naive", "seasonal_naive", "ets", "theta"}
    assert told["forecasts"]
    assert "Forecasts beside what came" in run.folder.report.read_text()
    assert run.plan.recipe.network.period == 24
    ahead = run.predict(frame[-60:])
    assert ahead["when"].to_list() == [frame["when"][-1] + timedelta(hours=h) for h in range(1, 7)]
    assert (ahead["load_q5"] <= ahead["load_q95"]).all()
    assert np.isfinite(run.score(frame)["mase"].value)
    again = Run(tmp_path / "run").predict(frame[-60:])
    assert again.equals(ahead)
    assert run.explain(frame, is_checked=False).row == run.explain(frame, is_checked=False).row
    with pytest.raises(DataError, match="load"):
        run.predict(frame.drop("load"))
    with pytest.raises(DataError, match="--time-column"):
        run.predict(frame.drop("when"))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"horizon": 90}, DataError, "shorter than the horizon"),
        ({"horizon": 3, "known": "z"}, ConfigError, "known ahead 'z'; known: x"),
        ({"horizon": 3, "time_column": None}, ConfigError, "--time-column"),
        ({"horizon": "three"}, ConfigError, "whole number of steps"),
    ],
)
def test_what_cannot_be_forecast_leaves_no_run(tmp_path, options, error, message):
    chance = np.random.default_rng(0)
    frame = pl.DataFrame({"t": range(80), "x": chance.normal(size=80), "y": chance.normal(size=80)})
    options = {"target": "y", "time_column": "t", "overrule": True, **options}
    with pytest.raises(error, match=message):
        fit_tiny(frame, out=tmp_path / "run", **options)
    assert not (tmp_path / "run" / "plan.yaml").exists()
