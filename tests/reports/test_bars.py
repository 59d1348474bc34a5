"""Charts of rows and cells."""

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.records import Interval
from lamina.reports.bars import (
    MOST_CLASSES,
    confusion_chart,
    importance_chart,
    interval_chart,
    shown_classes,
    sparkline,
    top_confusions,
)
from lamina.reports.charts import WIDTH
from lamina.reports.content import Confusion, Histogram, Metric, ModelScores

ACCURACY = Metric(name="accuracy", is_higher_better=True, unit="%")


def _model(name: str, kind: str, value: float, half: float = 0.01) -> ModelScores:
    score = Interval(value, value - half, value + half)
    return ModelScores(name=name, kind=kind, scores={"accuracy": score})


def _tips(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("title")]


def test_a_sparkline_names_its_bars() -> None:
    tips = _tips(sparkline(Histogram(counts=(3, 1), labels=("a", "<b>")), "x"))
    assert tips == ["Distribution of x", "a: 3 rows (75.0 %)", "<b>: 1 rows (25.0 %)"]
    assert "0 to 5: 3 rows" in _tips(sparkline(Histogram(counts=(3,), edges=(0.0, 5.0)), "x"))[1]
    assert sparkline(Histogram(counts=()), "x")


def test_intervals_are_drawn_for_every_model_that_has_the_metric() -> None:
    other = ModelScores(name="other", kind="baseline", scores={})
    models = [_model("network", "network", 0.9), _model("trees", "baseline", 0.88), other]
    tree = ElementTree.fromstring(interval_chart(ACCURACY, models))
    assert len(tree.findall("g")) == 2
    assert "network: 90.0 % (89.0 – 91.0)" in _tips(interval_chart(ACCURACY, models))


def test_a_trivial_baseline_far_away_does_not_squeeze_the_others() -> None:
    close = [_model("network", "network", 0.90), _model("trees", "baseline", 0.88)]
    chart = interval_chart(ACCURACY, [*close, _model("majority", "trivial", 0.1)])
    tree = ElementTree.fromstring(chart)
    network, trees, majority = tree.findall("g")
    assert majority.find("path") is not None, "an arrow at the edge"
    assert majority.find("circle") is None
    first, second = network.find("circle"), trees.find("circle")
    assert first is not None
    assert second is not None
    assert float(first.get("cx", "")) - float(second.get("cx", "")) > 100


@given(st.lists(st.tuples(st.floats(), st.floats(), st.floats()), max_size=5))
def test_intervals_survive_odd_numbers(ends: list[tuple[float, float, float]]) -> None:
    kinds = ("network", "baseline", "trivial")
    models = [
        ModelScores(name="m", kind=kinds[n % 3], scores={"accuracy": Interval(*end)})
        for n, end in enumerate(ends)
    ]
    ElementTree.fromstring(interval_chart(ACCURACY, models))
    importances = {str(n): Interval(*end) for n, end in enumerate(ends)}
    ElementTree.fromstring(importance_chart(importances, "x"))


def test_importances_are_sorted() -> None:
    tips = _tips(importance_chart({"a": Interval(1, 1, 1), "b": Interval(-3, -4, -2)}, "why"))
    assert tips == ["why", "b: -3", "a: 1"]


def test_an_importance_below_zero_points_left_and_its_whisker_crosses_zero() -> None:
    # From -1 to 3 the axis is a quarter from the left; bars begin there.
    svg = importance_chart({"a": Interval(2, 1, 3), "b": Interval(-0.5, -1, 0.5)}, "why")
    root = ElementTree.fromstring(svg)
    bars = [(float(r.get("x")), float(r.get("width"))) for r in root.iter("rect")]
    lines = [(float(r.get("x1")), float(r.get("x2"))) for r in root.iter("line")]
    unit = (WIDTH - 16) / 4
    zero = 8 + unit
    for found, wanted in (
        (bars, [(zero, 2 * unit), (zero - unit / 2, unit / 2)]),
        (lines, [(zero + unit, zero + 3 * unit), (8, zero + unit / 2), (zero, zero)]),
    ):
        assert [x for pair in found for x in pair] == pytest.approx(
            [x for pair in wanted for x in pair], abs=0.1
        )


def test_confusions_are_counted() -> None:
    confusion = Confusion(classes=("cat", "dog"), counts=((9, 1), (3, 7)))
    assert top_confusions(confusion) == [("dog", "cat", 3, 0.3), ("cat", "dog", 1, 0.1)]
    tips = _tips(confusion_chart(confusion))
    assert "3 of 10 dog rows (30.0 %) answered as cat" in tips
    assert len(tips) == 1 + 4


def test_many_classes_are_cut_to_the_most_mistaken() -> None:
    size = 50
    counts = [[100 if i == j else 0 for j in range(size)] for i in range(size)]
    for i in range(20, 40):
        counts[i][i + 1 if i < 39 else 20] = i
    confusion = Confusion(
        classes=tuple(f"class {n}" for n in range(size)), counts=tuple(map(tuple, counts))
    )
    assert shown_classes(confusion) == list(range(20, 40))
    assert len(_tips(confusion_chart(confusion))) == 1 + MOST_CLASSES**2


def test_an_empty_row_divides_by_nothing() -> None:
    confusion = Confusion(classes=("a", "b"), counts=((0, 0), (0, 0)))
    assert math.isfinite(float(ElementTree.fromstring(confusion_chart(confusion)).get("width", "")))
    assert top_confusions(confusion) == []


def test_a_metric_without_a_better_side_says_of_none() -> None:
    metric = Metric(name="accuracy", is_higher_better=None)
    titles = _tips(interval_chart(metric, [_model("network", "network", 0.9)]))
    assert not any("is better" in title for title in titles)
