from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.dataset import encode_frame
from lamina.data.modalities.base import ModalityOptions
from lamina.data.schema import fit_schema, infer_schema
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import Predictions
from lamina.networks.forecasters.whole import ForecasterConfig
from lamina.objectives.regression import PinballConfig
from lamina.tasks.forecasting import Forecasting
from lamina.tasks.recipe import Recipe

LEVELS = (0.1, 0.5, 0.9)


def _table(steps=90):
    time = np.arange(steps)
    frames = [
        pl.DataFrame(
            {
                "when": [datetime(2024, 1, 1) + timedelta(days=int(t)) for t in time],
                "shop": [name] * steps,
                "sold": level * (2 + np.sin(2 * np.pi * time / 7)),
                "open": (time % 7 < 6).astype(int).astype(str),
            }
        )
        for name, level in (("a", 10.0), ("b", 500.0))
    ]
    return pl.concat(frames)


def _made(frame=None, *, targets=("sold",), **network):
    frame = _table() if frame is None else frame
    roles = {"time": "when", "series": "shop"}
    schema = infer_schema(frame, targets=list(targets), roles=roles)
    config = ForecasterConfig(
        **{"horizon": 4, "look_back": 14, "period": 7, "step": "1 day", **network}
    )
    recipe = Recipe(network=config, objective=PinballConfig(quantiles=LEVELS))
    task = Forecasting().asked_by(recipe)
    schema = fit_schema(schema, frame, options=task.fitting(ModalityOptions(), 1, schema))
    return task, recipe, schema, encode_frame(schema, frame), frame


def test_a_network_learns_what_comes_next():
    task, recipe, schema, dataset, _ = _made()
    torch.manual_seed(0)
    model = recipe.network.build(task.inputs(schema), task.outputs(schema))
    part = task.part(dataset, torch.arange(180), recipe, purpose="learn")
    loss = task.loss(recipe, schema, None)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    batch = part.samples.batch(part.index)
    first = None
    for _ in range(120):
        value = loss(model(batch.inputs), batch).mean()
        first = value.item() if first is None else first
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    assert value < first / 4
    model.eval()
    with torch.no_grad():
        outputs = model(batch.inputs)
    task.settle(model, part, outputs)
    assert not torch.equal(model.spread, torch.ones_like(model.spread))
    with torch.no_grad():
        found = task.predictions(model(batch.inputs), schema)
    truth = task.truth(part.targets(), schema, num_samples=len(part))
    assert 0.75 < score("interval_coverage", found, truth) < 0.9
    simple = {one.name: one.predictions for one in task.baselines(part, part, found)}
    assert score("crps", found, truth) < score("crps", simple["naive"], truth)
    assert score("smape", simple["seasonal_naive"], truth) < 1e-3


def test_series_of_one_sign_are_learnt_as_logarithms():
    assert _made()[2].column("sold").fitted.transform == "log"
    below = _table().with_columns(sold=pl.col("sold") - 100)
    assert _made(below)[2].column("sold").fitted.transform == "none"


@pytest.mark.parametrize("targets", [("sold",), ("sold", "warmth"), ("warmth",)])
def test_the_graph_of_answers_gives_what_is_predicted(targets):
    frame = _table().with_columns(warmth=20 * pl.col("sold").sin())
    task, _, schema, *_ = _made(frame, targets=targets)
    kinds = [schema.column(name).fitted.transform for name in targets]
    assert kinds == [{"sold": "log", "warmth": "none"}[name] for name in targets]
    generator = torch.Generator().manual_seed(0)
    outputs = {name: torch.randn(5, 12, generator=generator) for name in targets}
    found = task.values(outputs, schema, temperature=1.0)
    wanted = task.predictions(outputs, schema).values
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-9)
    steps = found.reshape(5, 4, len(targets), 3)
    assert bool((steps.diff(dim=3) >= 0).all())


def test_the_steps_ahead_are_rows_of_their_own():
    frame = _table().filter((pl.col("shop") == "a") | (pl.col("when") < datetime(2024, 3, 1)))
    task, recipe, schema, dataset, frame = _made(frame)
    part = task.asked(dataset, recipe)
    values = np.arange(2 * 4 * 3, dtype=float).reshape(2, 12)
    told = task.replies(Predictions("forecasts", values, LEVELS), part, frame, schema)
    assert told.columns == ["shop", "when", "sold", "sold_q10", "sold_q50", "sold_q90"]
    assert told["shop"].to_list() == ["a"] * 4 + ["b"] * 4
    assert told["when"][0] == datetime(2024, 3, 31)
    assert told["when"][7] == datetime(2024, 3, 4)
    assert told["sold"].to_list() == [1, 4, 7, 10, 13, 16, 19, 22]


def test_the_future_may_be_asked_with_what_is_known_of_it():
    later = _table(94).with_columns(
        sold=pl.when(pl.col("when") < datetime(2024, 3, 31)).then(pl.col("sold"))
    )
    task, recipe, _, dataset, _ = _made(later, known=("open",))
    part = task.asked(dataset, recipe)
    assert later["when"][part.rows().numpy()].unique().to_list() == [datetime(2024, 3, 30)]
    known = part.samples.batch(part.index).inputs["known"]
    assert known[:, 14:, -1].sum() > 0


def test_what_cannot_be_forecast_is_told():
    task, recipe, _, dataset, _ = _made(horizon=50)
    with pytest.raises(DataError, match="shorter than the horizon"):
        task.part(dataset, torch.arange(20), recipe)
    task, recipe, schema, _, frame = _made()
    empty = encode_frame(schema, frame.with_columns(sold=pl.lit(None, pl.Float64)))
    with pytest.raises(DataError, match="past of the targets"):
        task.asked(empty, recipe)


def test_rows_of_longer_steps_are_told():
    task, recipe, schema, _, frame = _made()
    weekly = encode_frame(schema, frame.filter(pl.col("when").dt.weekday() == 1))
    with pytest.raises(DataError, match="7 steps of 1 day apart"):
        task.asked(weekly, recipe)


def test_the_task_says_what_can_be_attributed():
    task, _, schema, _, _ = _made(known=("open",))
    found = task.features(schema)
    assert found["past"].names == ("sold",)
    assert found["known"].names == ("calendar", "open")
    assert found["phase"].references.tolist() == [0, 2, 4, 6]
    assert [spec.name for spec in task.asked_inputs(schema)] == ["past", "known", "phase"]
    assert "phase" not in _made(period=1)[0].features(schema)


def test_only_numbers_in_time_are_forecast():
    task = Forecasting()
    frame = _table()
    assert not task.accepts(infer_schema(frame, targets=["sold"]))
    assert not task.accepts(infer_schema(frame, targets=["open"], roles={"time": "when"}))
    schema = infer_schema(frame, targets=["sold"], roles={"time": "when"})
    assert task.accepts(schema)
    assert not task.suits(schema)
    assert task.choices(schema) == ("sold",)
