import numpy as np
import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.evaluation.baseline_models import BaselineData
from lamina.evaluation.baselines import BASELINES, _row_limit, run_baselines
from lamina.evaluation.metrics import score
from tests.evaluation.test_baseline_models import make_pictures, make_table, make_texts


def test_every_row_of_the_table_is_described_and_fast_enough():
    for entry in BASELINES.values():
        assert entry.summary
        assert entry.source


@pytest.mark.parametrize("kind", ["classes", "labels", "numbers", "quantiles"])
def test_what_applies_is_run_and_beats_the_constant(kind):
    results = run_baselines(make_table(kind, 400), make_table(kind, 200, seed=1), seed=0)
    assert [result.name for result in results] == ["constant", "linear", "gradient_boosting"]
    test = make_table(kind, 200, seed=1)
    metric = {"classes": "log_loss", "labels": "hamming_loss", "quantiles": "pinball_loss"}
    costs = [score(metric.get(kind, "rmse"), r.predictions, test.target) for r in results]
    assert costs[1] < costs[0]
    assert costs[2] < costs[0]
    assert all(r.predictions.levels == test.levels for r in results)


def test_texts_and_pictures_get_their_own():
    names = [r.name for r in run_baselines(make_texts(60), make_texts(20, seed=1), seed=0)]
    assert names == ["constant", "text_linear"]
    names = [r.name for r in run_baselines(make_pictures(60), make_pictures(20, seed=1), seed=0)]
    assert names == ["constant", "pixel_linear", "pixel_neighbours"]


def test_little_time_takes_a_stated_part_of_the_rows():
    train, test = make_table("classes", 2000), make_table("classes", 50, seed=1)
    limits = {"seed": 0, "names": ("linear",), "max_seconds": 0.005, "num_training_rows": 9000}
    (result,) = run_baselines(train, test, **limits)
    assert 500 <= result.num_rows < 2000
    assert f"fitted on {result.num_rows:,} of 9,000 training rows" in result.note
    (again,) = run_baselines(train, test, **limits)
    np.testing.assert_array_equal(result.predictions.values, again.predictions.values)


def test_one_class_leaves_the_constant():
    train = make_table("classes", 50)
    rows = np.flatnonzero(train.target == 0)
    results = run_baselines(train.rows(rows), make_table("classes", 20), seed=0)
    assert [result.name for result in results] == ["constant"]


def test_wrong_use_says_why():
    train = make_table("classes", 30)
    with pytest.raises(ConfigError, match="Did you mean 'linear'"):
        run_baselines(train, train, seed=0, names=("linea",))
    with pytest.raises(DataError, match="must be the same"):
        run_baselines(train, make_table("numbers", 30), seed=0)
    with pytest.raises(DataError, match="got none"):
        run_baselines(train.rows(np.array([], dtype=int)), train, seed=0)


def test_a_model_that_would_take_too_long_is_left_out():
    train, test = make_table("classes", 2000), make_table("classes", 50, seed=1)
    constant, linear = run_baselines(
        train, test, seed=0, names=("constant", "linear"), max_seconds=1e-6
    )
    assert constant.predictions is not None
    assert (linear.predictions, linear.num_rows) == (None, 0)
    assert linear.note == "left out: even 500 rows would take more than 1e-06 s"


def test_every_label_of_a_text_costs_a_fit():
    texts = make_texts(60)
    many = BaselineData(
        **{name: getattr(texts, name) for name in ("numbers", "categories", "texts")},
        target=np.zeros((60, 90)), kind="labels", num_outputs=90,
    )  # fmt: skip
    limits = [
        _row_limit(BASELINES["text_linear"].value, data, data, name="text_linear", max_seconds=9.0)
        for data in (texts, many)
    ]
    assert limits[0] > 10 * limits[1]


def test_trees_cost_time_on_however_few_rows():
    def limit(num_labels):
        data = BaselineData(
            numbers=np.zeros((60, 5)), categories=np.zeros((60, 0), dtype=int),
            target=np.zeros((60, num_labels)), kind="labels", num_outputs=num_labels,
        )  # fmt: skip
        way = BASELINES["gradient_boosting"].value
        return _row_limit(way, data, data, name="gradient_boosting", max_seconds=15.0)

    assert limit(2) > 500
    assert limit(2000) < 0
