"""scikit-learn's own checks hold, and the estimators are at home in its tools."""

import copy
import json
import os
import pickle
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import lamina
from lamina.core.errors import ConfigError, DataError, NotFittedError
from lamina.sklearn import LaminaClassifier, LaminaRegressor
from tests.sklearn.small import ESTIMATORS, QUICK, blobs, mixed

CHECK_ALL = """
import json, sys, warnings
warnings.simplefilter("ignore")
from sklearn.utils.estimator_checks import check_estimator
import lamina.sklearn
estimator = getattr(lamina.sklearn, sys.argv[1])(steps=60)
results = check_estimator(estimator, on_fail=None, on_skip=None)
print(json.dumps([[r["check_name"], r["status"], repr(r["exception"])] for r in results]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["LaminaClassifier", "LaminaRegressor", "LaminaTransformer"])
def test_every_check_of_scikit_learn_passes_and_none_is_skipped(name) -> None:
    # In a process of its own: scipy reads the switch for array libraries when it is imported.
    done = subprocess.run(
        [sys.executable, "-c", CHECK_ALL, name],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(done.stdout.splitlines()[-1])
    assert len(results) > 40
    assert [result for result in results if result[1] != "passed"] == []


@parametrize_with_checks(list(ESTIMATORS.values()), legacy=False)
def test_scikit_learns_checks_of_the_interface(estimator, check) -> None:
    check(estimator)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_not_fitted_raises_both_errors(name) -> None:
    estimator = clone(ESTIMATORS[name])
    ask = estimator.transform if name == "transformer" else estimator.predict
    for kind in (SklearnNotFittedError, NotFittedError):
        with pytest.raises(kind, match="Call fit"):
            ask(blobs()[0])
    assert not hasattr(estimator, "plan_")


def test_one_seed_gives_one_model_and_another_another() -> None:
    X, y = blobs()
    first, second, other = (
        LaminaClassifier(steps=30, random_state=seed).fit(X, y).predict_proba(X)
        for seed in (0, 0, 1)
    )
    assert (first == second).all()
    assert not (first == other).all()


def test_without_a_seed_numpys_global_state_decides() -> None:
    X, y = blobs()
    np.random.seed(3)  # noqa: NPY002
    first = LaminaClassifier(steps=5).fit(X, y).predict_proba(X)
    second = LaminaClassifier(steps=5).fit(X, y).predict_proba(X)
    np.random.seed(3)  # noqa: NPY002
    third = LaminaClassifier(steps=5).fit(X, y).predict_proba(X)
    assert (first == third).all()
    assert not (first == second).all()


def test_copies_and_pickles_answer_equal_and_hold_no_network() -> None:
    frame = mixed()
    fitted = LaminaClassifier(**QUICK).fit(frame, frame["colour"])
    wanted = fitted.predict_proba(frame)
    data = pickle.dumps(fitted)
    assert b"torch" not in data
    for other in (pickle.loads(data), copy.deepcopy(fitted)):
        assert (other.predict_proba(frame) == wanted).all()


def test_an_answer_does_not_depend_on_the_rows_beside_it() -> None:
    X, _ = blobs()
    fitted = LaminaRegressor(**QUICK).fit(X, X[:, 0])
    alone = np.concatenate([fitted.predict(X[i : i + 1]) for i in range(20)])
    assert (alone == fitted.predict(X)[:20]).all()


def test_grid_search_over_a_pipeline_and_cross_validation() -> None:
    X, y = blobs()
    pipeline = make_pipeline(StandardScaler(), LaminaClassifier(**QUICK))
    grid = {"laminaclassifier__settings": [None, {"network.trunk.depth": np.int64(1)}]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    assert search.best_score_ > 0.9
    scores = cross_val_score(LaminaClassifier(**QUICK), X, y, cv=2, scoring="roc_auc_ovr")
    assert scores.min() > 0.95


def test_parameters_reach_the_plan() -> None:
    X, y = blobs()
    settings = {"network.trunk.width": 32}
    fitted = LaminaClassifier(
        steps=7, settings=settings, validation_fraction=0.4, random_state=5
    ).fit(X, y)
    plan = fitted.plan_
    assert fitted.n_iter_ == 7
    assert plan.recipe.network.trunk.width == 32
    assert (plan.seed, plan.data.split.validation, plan.data.split.test) == (5, 0.4, 0.0)
    assert not plan.machine.is_probed


def test_a_time_becomes_the_budget() -> None:
    X, y = blobs()
    fitted = LaminaClassifier(time="0.5s", random_state=0).fit(X, y)
    assert fitted.plan_.budget.time_s == 0.5
    assert fitted.n_iter_ >= 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"steps": -1}, "steps at least 1"),
        ({"time": "soon"}, "Try 90s"),
        ({"settings": 3}, "settings must be a mapping"),
        ({"settings": {"depht": 1}}, "Did you mean"),
        ({"settings": {"task": "regression"}}, "use another estimator"),
        ({"columns": "x0"}, "columns must be a mapping"),
        ({"validation_fraction": 2}, "share in"),
        ({"random_state": -1}, "seed must be"),
    ],
)
def test_wrong_parameters_are_told_when_fitting(parameters, message) -> None:
    with pytest.raises(ConfigError, match=message):
        LaminaClassifier(**parameters).fit(*blobs())


def test_rows_are_refused_that_cannot_be_asked() -> None:
    frame = mixed()
    fitted = LaminaClassifier(**QUICK).fit(frame[["size", "colour"]], frame["is_new"])
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(frame[["size", "split"]])
    with pytest.raises(ValueError, match="0 sample"):
        fitted.predict(frame[["size", "colour"]].iloc[:0])
    with pytest.raises(ValueError, match="Expected a 2-dimensional container"):
        LaminaClassifier().fit(frame["size"], frame["is_new"])
    with pytest.raises(DataError, match="minimum of 2"):
        LaminaClassifier().fit(frame.iloc[:1], [1])
    with pytest.raises(DataError, match="no column is left"):
        LaminaClassifier().fit(frame[["empty"]], frame["is_new"])


def test_a_saved_model_is_a_run_that_answers_alike(tmp_path) -> None:
    X, y = blobs()
    fitted = LaminaClassifier(**QUICK).fit(X, y)
    fitted.save(tmp_path / "model")
    frame = pl.DataFrame({f"x{i}": X[:, i] for i in range(4)})
    answers = lamina.load(tmp_path / "model").predict(frame)
    assert answers["target"].to_list() == fitted.predict(X).tolist()
    with pytest.raises(NotFittedError):
        LaminaClassifier().save(tmp_path / "none")
