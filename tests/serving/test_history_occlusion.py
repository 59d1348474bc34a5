"""What a forecast came from, of a model that one can follow by hand."""

import datetime

import pytest

from lamina.serving.occlusion import occlusions
from lamina.serving.refusal import Refusal
from tests.serving.histories import LastValue

DAYS = [datetime.datetime(2024, 1, 1) + datetime.timedelta(days=day) for day in range(20)]
ROW = {
    "day": DAYS,
    "sold": [10.0] * 17 + [40.0, None, None],
    "open": "yes",
    "rain": [0.0] * 20,
    "shop": "north",
}


def test_the_last_step_counts_and_what_is_known_ahead():
    function = LastValue()
    asked = occlusions(function.signature, ROW)
    # Fourteen steps up to the last known one are looked at, and what lies ahead.
    assert len(asked.rows()[0]["day"]) == 16
    told = asked.told(function.predict(asked.rows()))
    assert told["answer"] == "sold over the horizon"
    assert told["value"] == 45.0
    past, rain, columns = told["inputs"]
    assert (past["name"], past["kind"], past["grid"]) == ("sold", "steps", [14, 1])
    by_window = {one["label"]: one["attribution"] for one in past["features"]}
    assert by_window["1 steps back"] == pytest.approx(30.0)
    assert sum(map(abs, by_window.values())) == pytest.approx(30.0)
    assert {one["attribution"] for one in rain["features"]} == {0.0}
    found = {one["label"]: one["attribution"] for one in columns["features"]}
    # One of four values that stand in is "no".
    assert found["open"] == pytest.approx(5.0 / 4)
    assert found["day"] == 0.0
    # Level at the median of training, and open.
    assert told["reference"] == pytest.approx(15.0)
    assert len(told["lines"]["sold"][0]) == 14


def test_levels_take_the_one_before_and_gaps_stay():
    from lamina.runtime.signature import Field
    from lamina.serving.history_occlusion import _bridge

    level = Field(name="x", modality="category")
    assert _bridge(level, ["a", "b", None, "c"], 1, 3) == ["a", None]
    assert _bridge(level, ["a", "b"], 0, 1) == ["b"]
    number = Field(name="x", modality="number")
    assert _bridge(number, [1.0, 9.0, None, 4.0], 1, 3) == [2.0, None]
    assert _bridge(number, [1.0, 2.0], 0, 2) == [None, None]


def test_a_row_without_an_answer_is_refused():
    function = LastValue()
    asked = occlusions(function.signature, ROW)
    answers = function.predict(asked.rows())
    with pytest.raises(Refusal, match="no step"):
        asked.told([{**answers[0], "error": "no step is known"}, *answers[1:]])
