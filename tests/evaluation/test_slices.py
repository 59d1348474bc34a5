import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from lamina.core.errors import ConfigError
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.slices import per_class, slice_results
from tests.evaluation.conftest import make_classes, make_labels, make_numbers


def test_per_class_equals_sklearn():
    predictions, targets = make_classes(200, 3)
    wanted = precision_recall_fscore_support(targets, predictions.decided())
    rows = per_class(predictions, targets, names=["a", "b", "c"])
    assert [row.name for row in rows] == ["a", "b", "c"]
    for number, row in enumerate(rows):
        got = (row.precision.value, row.recall.value, row.f1.value, row.support)
        assert got == pytest.approx([column[number] for column in wanted])
        for interval in (row.precision, row.recall, row.f1):
            assert interval.low < interval.value < interval.high


def test_absent_class_and_perfect_class():
    predictions = Predictions("classes", np.tile([0.9, 0.1, 0.0], (20, 1)))
    first, second, _ = per_class(predictions, np.zeros(20, dtype=int))
    assert first.f1.value == 1.0
    assert first.f1.low < 0.9
    assert second.support == 0
    assert np.isnan([second.precision.value, second.recall.value, second.f1.value]).all()


def test_per_class_of_labels_and_numbers():
    labels, targets = make_labels()
    assert [row.support for row in per_class(labels, targets)] == targets.sum(0).tolist()
    with pytest.raises(ConfigError, match="classes or labels"):
        per_class(*make_numbers())


def test_the_bad_slice_comes_first():
    random = np.random.default_rng(0)
    targets = random.integers(0, 2, 1000)
    colour = random.choice(np.array(["red", "green", None], dtype=object), 1000)
    age = random.normal(40, 10, 1000)
    answers = np.where(colour == "green", random.integers(0, 2, 1000), targets)
    columns = {"colour": colour, "age": np.where(random.random(1000) < 0.1, np.nan, age)}
    predictions = Predictions("classes", np.eye(2)[answers])
    slices = slice_results(predictions, targets, columns, metric="accuracy")
    assert (slices[0].column, slices[0].part, slices[0].is_worse) == ("colour", "green", True)
    assert slices[0].result.value == pytest.approx((answers == targets)[colour == "green"].mean())
    parts = {(item.column, item.part.split()[0]) for item in slices}
    assert ("colour", "missing") in parts
    assert ("age", "missing") in parts
    assert sum(item.column == "age" for item in slices) == 5  # four quarters and missing
    assert all(item.num_rows >= 30 for item in slices)


def test_quarters_hold_every_row_once():
    predictions, targets = make_numbers(400)
    values = np.random.default_rng(0).integers(0, 40, 400)
    slices = slice_results(predictions, targets, {"x": values}, metric="rmse")
    assert sum(item.num_rows for item in slices) == 400
    highs = [item.result.low for item in slices]
    assert highs == sorted(highs, reverse=True)


def test_small_slices_are_left_out():
    predictions, targets = make_classes(60)
    columns = {"tag": np.array(["rare"] * 5 + ["usual"] * 55, dtype=object)}
    (only,) = slice_results(predictions, targets, columns, metric="accuracy")
    assert only.part == "usual"
