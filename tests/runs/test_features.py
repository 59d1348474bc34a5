"""Features computed once."""

from dataclasses import replace

import pytest
import torch

from lamina.data.augmentation import AugmentationConfig
from lamina.data.dataset import encode_frame
from lamina.networks.model import Model
from lamina.runs import features
from lamina.runs.features import Passed, with_features
from lamina.runs.predictor import load_predictor
from tests.runs.tiny import EXAMPLES, finished


@pytest.fixture
def parts():
    """Plan, network with its text encoder frozen, data and rows of a mixed run."""
    predictor = load_predictor(finished("mixed").folder.model)
    import polars as pl

    source = EXAMPLES["mixed"].make()
    frame = pl.DataFrame({name: pl.Series(values) for name, values in source.items()})
    dataset = encode_frame(predictor.schema, frame)
    model = predictor.model
    assert isinstance(model, Model)
    place = model.input_names.index("told")
    model.encoders[place].requires_grad_(False)
    recipe = replace(predictor.plan.recipe, augmentation=AugmentationConfig())
    return replace(predictor.plan, recipe=recipe), model, dataset, torch.arange(0, 80, 2)


def test_what_is_left_answers_as_the_whole(parts) -> None:
    plan, model, dataset, rows = parts
    found = with_features(plan, model, dataset, rows)
    assert found is not None
    batch, light = dataset.batch(rows), found.dataset.batch(rows)
    with torch.no_grad():
        wanted, got = model.eval()(batch.inputs), found.model.eval()(light.inputs)
    for name, value in wanted.items():
        torch.testing.assert_close(got[name], value, atol=1e-5, rtol=1e-5)
    assert any(isinstance(encoder, Passed) for encoder in found.model.encoders)


def test_nothing_is_computed_where_it_would_not_be_the_same(parts, monkeypatch) -> None:
    plan, model, dataset, rows = parts
    flips = replace(plan.recipe, augmentation=AugmentationConfig(flip="random"))
    assert with_features(replace(plan, recipe=flips), model, dataset, rows) is None
    monkeypatch.setattr(features, "MEMORY_SHARE", 0.0)
    assert with_features(plan, model, dataset, rows) is None
    monkeypatch.undo()
    model.requires_grad_(True)
    assert with_features(plan, model, dataset, rows) is None
