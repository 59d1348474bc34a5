"""Schemas tell what tensors stand for: columns, levels, words and classes."""

import pytest

from lamina.runs.meaning import meaning_of
from tests.runs.tiny import EXAMPLES, finished


@pytest.mark.parametrize("name", EXAMPLES)
def test_inputs_and_outputs_are_those_of_the_network(name):
    predictor = finished(name).predictor
    found = meaning_of(predictor.schema)
    # What a task makes of several rows is told by the columns that it is made of.
    made = any(spec.is_made for spec in predictor.task.asked_inputs(predictor.schema))
    names = [spec.name for spec in predictor.schema.input_specs()]
    assert tuple(found.inputs) == (tuple(names) if made else predictor.model.input_names)
    if predictor.task.has_targets:
        assert tuple(found.outputs) == predictor.model.output_names
    assert set(found.states) == set(found.inputs)


def test_what_is_named():
    binary, number = (meaning_of(finished(name).predictor.schema) for name in ("binary", "number"))
    assert binary.inputs["number"][:3] == ("number", "x", "z")
    assert {"colour: red", "colour: blue"} <= set(binary.inputs["category"])
    assert binary.outputs == {"answer": ("category", "no", "yes")}
    assert number.outputs == {"price": ("number", "price")}
    text = meaning_of(finished("text").predictor.schema)
    assert text.inputs == {"review": ("text",)}
    assert text.words["review"][:2] == ("", " ")
    assert "film" in text.words["review"]
