"""A held model: plain bytes that are checked when they are read."""

import pickle

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import BundleError, DataError
from lamina.sklearn import LaminaClassifier
from lamina.sklearn.held import HeldModel
from tests.sklearn.small import QUICK, blobs


def held() -> HeldModel:
    X, y = blobs()
    return LaminaClassifier(**QUICK).fit(X, y)._model()


def test_its_state_is_the_bytes_of_a_bundle() -> None:
    model = held()
    state = model.__getstate__()
    assert {name: type(data) for name, data in state["files"].items()} == {
        "network.safetensors": bytes,
        "bundle.json": bytes,
    }
    again = pickle.loads(pickle.dumps(model))
    assert again.files == model.files
    assert next(again.predictor.model.parameters()).dtype == torch.float64


def test_damaged_bytes_are_refused() -> None:
    model = held()
    files = dict(model.files)
    data = bytearray(files["network.safetensors"])
    data[-1] ^= 1
    broken = HeldModel.__new__(HeldModel)
    broken.__setstate__({"files": {**files, "network.safetensors": bytes(data)}})
    with pytest.raises(BundleError, match="does not belong"):
        broken.predictor  # noqa: B018
    broken.__setstate__({"files": {"bundle.json": files["bundle.json"]}})
    with pytest.raises(BundleError, match=r"lacks its network\.safetensors"):
        broken.predictor  # noqa: B018


def test_features_are_as_wide_as_the_trunk() -> None:
    model = held()
    frame = pl.DataFrame({f"x{i}": np.zeros(3) for i in range(4)})
    assert model.features(frame).shape == (3, model.predictor.model.trunk.out_features)


def test_a_missing_column_is_told() -> None:
    with pytest.raises(DataError, match="'x3' that the model needs is missing"):
        held().predictions(pl.DataFrame({f"x{i}": [0.0] for i in range(3)}))
