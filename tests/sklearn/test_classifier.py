"""Classes of every kind, probabilities in their order, and labels of which each holds or not."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.sklearn import LaminaClassifier
from tests.sklearn.small import QUICK, blobs, mixed


def test_classes_are_learnt_with_probabilities_that_agree() -> None:
    X, y = blobs()
    fitted = LaminaClassifier(steps=90, random_state=0).fit(X, y)
    share = fitted.predict_proba(X)
    assert fitted.classes_.tolist() == ["a", "b", "c"]
    assert fitted.score(X, y) > 0.9
    assert np.allclose(share.sum(axis=1), 1)
    assert np.allclose(fitted.predict_log_proba(X), np.log(share))
    # Log-odds, by hand.
    assert np.allclose(fitted.decision_function(X), np.log(share / (1 - share)), atol=1e-6)


@pytest.mark.parametrize(
    "classes",
    [
        (False, True),
        (7, -2),
        (0.5, 1.0),
        ("no", "yes"),
        ("NA", "?"),
        ("1", "1.0"),
        ("a", "a "),
        ("", "x"),
    ],
    ids=repr,
)
def test_classes_come_back_as_they_were_given(classes) -> None:
    X, _ = blobs(60)
    y = np.array(classes)[(X[:, 0] > 2.5).astype(int)]
    if y.dtype.kind == "f":
        y = np.where(y == 0.5, 2.0, y)
    fitted = LaminaClassifier(**QUICK).fit(X, y)
    assert fitted.classes_.dtype == y.dtype
    assert fitted.score(X, y) > 0.8


def test_pandas_and_polars_of_mixed_columns() -> None:
    frame = mixed()
    y = pd.Series(np.where(frame["colour"] == "red", "yes", "no"), name="answer")
    fitted = LaminaClassifier(steps=60, random_state=0).fit(frame, y)
    assert fitted.score(frame, y) > 0.9
    assert list(fitted.feature_names_in_) == list(frame.columns)
    schema = fitted._model().predictor.schema
    assert schema.targets[0].name == "answer"
    kinds = {column.name: column.modality for column in schema.inputs}
    assert kinds["id"] == "number"
    assert kinds["review"] == "text"
    assert kinds["split"] == "category", "rows are not parted by a column of the user's"
    assert "empty" not in kinds
    same = pl.DataFrame(
        {
            name: frame[name].astype(object).where(frame[name].notna(), None).tolist()
            for name in ("size", "id", "colour", "review", "is_new")
        }
    )
    other = LaminaClassifier(steps=60, random_state=0).fit(same, y)
    assert other.score(same.lazy(), y) > 0.9


def test_a_class_of_one_row_has_a_probability() -> None:
    X, y = blobs()
    y = y.astype(object)
    y[5] = "once"
    y = y.astype(str)
    fitted = LaminaClassifier(**QUICK).fit(X, y)
    share = fitted.predict_proba(X)
    assert fitted.classes_.tolist() == ["a", "b", "c", "once"]
    assert share.shape == (len(X), 4)
    assert np.allclose(share.sum(axis=1), 1)


def test_labels_that_never_vary_are_answered_as_they_are() -> None:
    X, y = blobs()
    Y = np.stack([y == "a", y != "b", np.ones(len(y)), np.zeros(len(y))], axis=1).astype(int)
    fitted = LaminaClassifier(steps=60, random_state=0).fit(X, Y)
    share = fitted.predict_proba(X)
    assert share.shape == Y.shape
    assert (share[:, 2] == 1).all()
    assert (share[:, 3] == 0).all()
    assert (fitted.predict(X) == Y).mean() > 0.9
    assert ((fitted.decision_function(X) > 0) == fitted.predict(X)).all()


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y"),
        (["a"] * 90, "1 class"),
        (np.array(["a", None] * 45), "contains NaN"),
        (np.linspace(0, 1, 90), "continuous"),
        (np.arange(180).reshape(90, 2) % 3, "several columns of classes"),
        (np.arange(180).reshape(90, 2) // 9 % 2 + 3, "labels in y must be 0 or 1"),
        (np.eye(90, 2, dtype=int)[:, :1].repeat(2, axis=1) * [1, 0], "labels in y vary"),
        (["a", "b"], "inconsistent numbers of samples"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_targets_that_cannot_be_learnt_are_refused(y, message) -> None:
    with pytest.raises(ValueError, match=message):
        LaminaClassifier(**QUICK).fit(blobs()[0], y)


def test_the_error_for_one_class_is_lamina_s_own() -> None:
    with pytest.raises(DataError):
        LaminaClassifier().fit(blobs()[0], ["a"] * 90)
