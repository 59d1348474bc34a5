"""The figures of an evaluation, as the report shows them."""

import pytest

from lamina.runs.prepare import Material
from lamina.runs.tables import _note, result_section
from tests.runs.tiny import EXAMPLES, finished


def _section(name):
    run = finished(name)
    empty = dict.fromkeys(Material.__slots__)
    material = Material(**{**empty, "schema": run.predictor.schema})
    return result_section(run.evaluation, material)


@pytest.mark.parametrize("name", EXAMPLES)
def test_network_and_baselines_stand_in_one_table(name):
    told = finished(name).evaluation
    found = _section(name)
    assert found.models[0].kind == "network"
    assert [m.name for m in found.models[1:]] == [n.replace("_", " ") for n in told["baselines"]]
    assert {m.kind for m in found.models[1:]} <= {"trivial", "baseline"}
    assert found.metrics[0].name == told["metric"]
    first = found.models[0].scores[told["metric"]]
    assert first.value == told["metrics"][told["metric"]]["value"]
    assert len(found.slices) <= 20


def test_calibration_is_shown_before_and_after():
    told = finished("binary").evaluation
    found = _section("binary").calibration
    assert told["temperature"] != 1.0
    assert found.temperature == told["temperature"]
    assert sum(b.count for b in found.before) == sum(b.count for b in found.after)
    assert found.error_before == told["calibration_error_before"]
    assert found.error_after == told["metrics"]["calibration_error"]["value"]
    assert [b.confidence for b in found.before] != [b.confidence for b in found.after]


def test_what_belongs_to_classes_and_what_to_numbers():
    classes, numbers = _section("classes"), _section("numbers")
    assert classes.confusion.classes == ("large", "middle", "small")
    total = sum(map(sum, classes.confusion.counts))
    assert total == finished("classes").evaluation["rows"]["test"]
    assert [c.name for c in classes.classes] == ["large", "middle", "small"]
    assert classes.fits == ()
    assert (numbers.calibration, numbers.confusion) == (None, None)
    assert [fit.target for fit in numbers.fits] == ["price", "weight"]


def test_baselines_say_on_which_rows_they_stand():
    told = finished("binary").evaluation
    rows = told["rows"]["test"]
    assert _section("binary").note.startswith(f"All models answered the same {rows} test rows")
    assert all("training rows" in model.note for model in _section("binary").models[1:])
    cut = {n: {**b, "answered": rows - 1} for n, b in told["baselines"].items()}
    note = _note({**told, "baselines": cut, "left_out": {"text_linear": "left out: too slow"}})
    assert f"answered all {rows} test rows, the simple models {rows - 1} of them" in note
    assert note.endswith(" text linear: left out: too slow.")


def test_a_coverage_has_no_better_side_and_a_promise():
    found = {metric.name: metric for metric in _section("quantiles").metrics}
    assert found["coverage"].is_higher_better is None
    assert found["coverage"].meaning.endswith(": 90 % promised.")
    assert found["coverage_error"].is_higher_better is False
