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
    assert first.f1.low < 0.92
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


def test_a_class_that_is_never_hit_may_still_be_hit():
    values = np.eye(3)[np.array([1] * 20 + [0] * 20)]
    first, _, third = per_class(Predictions("classes", values), np.repeat([0, 1], 20))
    assert (first.f1.value, first.f1.low) == (0.0, 0.0)
    assert 0.05 < first.f1.high < 0.25
    assert np.isnan(third.f1.high)


def test_the_interval_of_f1_holds_the_truth():
    # F1 of 70 hits among 100 rows that are so or answered so: 1.4 / 1.7.
    truth, hits = 1.4 / 1.7, 0
    for seed in range(200):
        chance = np.random.default_rng(seed).random(80)
        true, answered = (chance < 0.85).astype(int), ((chance < 0.7) | (chance > 0.85)).astype(int)
        _, second = per_class(Predictions("classes", np.eye(2)[answered]), true)
        hits += second.f1.low <= truth <= second.f1.high
    assert 0.90 <= hits / 200 <= 0.995


def test_copies_of_rows_tell_no_more_where_they_are_groups():
    predictions, targets = make_classes(150, 2)
    index = np.repeat(np.arange(150), 10)
    arguments = predictions.rows(index), targets[index]
    copied, alone = per_class(*arguments, groups=index)[0], per_class(predictions, targets)[0]
    for name in ("precision", "recall", "f1"):
        one, other = getattr(copied, name), getattr(alone, name)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=0.01), name
    columns = {"x": np.repeat(np.arange(150) % 2, 10)}
    wide, narrow = (
        slice_results(*arguments, columns, metric="accuracy", groups=groups)[0].result
        for groups in (index, None)
    )
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_times_are_cut_into_quarters_named_by_their_days():
    predictions, targets = make_classes(240)
    days = np.datetime64("2024-01-01") + np.arange(240).astype("timedelta64[D]")
    days[:40] = np.datetime64("NaT")
    slices = slice_results(predictions, targets, {"day": days}, metric="accuracy")
    parts = sorted(item.part for item in slices)
    assert parts[0] == "2024-02-10 to 2024-03-30"
    assert parts[-1] == "missing"
    assert [item.num_rows for item in sorted(slices, key=lambda s: s.part)] == [50, 50, 50, 50, 40]
    hours = np.datetime64("2024-01-01T06:00") + np.arange(240).astype("timedelta64[m]")
    slices = slice_results(predictions, targets, {"hour": hours}, metric="accuracy")
    assert min(s.part for s in slices) == "2024-01-01 06:00:00 to 2024-01-01 06:59:45"
