"""Representations: what the heads see, under names, for simple models after it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from lamina.core.errors import ConfigError
from lamina.sklearn import LaminaTransformer
from tests.sklearn.small import QUICK, blobs


def test_a_linear_model_on_representations_answers_as_the_network_learnt() -> None:
    X, y = blobs()
    pipeline = make_pipeline(LaminaTransformer(**QUICK), LogisticRegression(max_iter=1000))
    assert pipeline.fit(X, y).score(X, y) > 0.9


def test_the_heads_see_these_representations() -> None:
    import torch

    X, y = blobs()
    fitted = LaminaTransformer(
        **QUICK, settings={"network.trunk": "mlp", "network.encoders.number": "number_linear"}
    ).fit(X, y)
    features = fitted.transform(X)
    held = fitted._model()
    head = held.predictor.model.heads[0]
    with torch.no_grad():
        logits = head(torch.from_numpy(features).double())
    wanted = held.predictions(fitted._rows(X)).values
    temperature = held.predictor.temperature
    assert np.allclose(torch.softmax(logits / temperature, dim=1).numpy(), wanted, atol=1e-5)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_representations_come_as_a_frame(kind) -> None:
    X, y = blobs()
    fitted = LaminaTransformer(**QUICK).set_output(transform=kind).fit(X, y)
    found = fitted.transform(X)
    assert type(found).__module__.startswith(kind)
    assert list(found.columns) == list(fitted.get_feature_names_out())
    assert found.columns[0] == "laminatransformer0"


@pytest.mark.parametrize(
    ("task", "y", "wanted"),
    [
        ("auto", [0, 1, 2] * 30, "classification"),
        ("auto", np.linspace(0, 1, 90), "regression"),
        ("regression", [0, 1, 2] * 30, "regression"),
        ("auto", np.arange(180).reshape(90, 2) // 7 % 2, "multi_label"),
    ],
)
def test_the_task_follows_y_or_the_user(task, y, wanted) -> None:
    X, _ = blobs()
    fitted = LaminaTransformer(task=task, steps=5, random_state=0).fit(X, y)
    assert fitted.plan_.task == wanted


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="task must be"):
        LaminaTransformer(task="ranking").fit(*blobs())
