"""Schemas of answers."""

import pytest

from lamina.runtime.signature import Answer
from lamina.serving.openapi_answers import answer_schema

jsonschema = pytest.importorskip("jsonschema", reason="the schema's own validator is absent")


BOX = {"label": "cat", "score": 0.5, "x0": 1.5, "y0": 2, "x1": 3, "y1": 4}


@pytest.mark.parametrize(
    ("answer", "good", "bad"),
    [
        (Answer(name="p", kind="probability", target="y", label="a"), 0.5, 1.5),
        (Answer(name="y", kind="number", target="y"), 3.2, "3.2"),
        (Answer(name="y_q10", kind="quantile", target="y", level=0.1), -1, True),
        (Answer(name="y", kind="truth", target="y", label="y"), True, "yes"),
        (Answer(name="y", kind="class", target="y"), "a", ["a"]),
        (Answer(name="s", kind="similarity", target="y"), -0.5, "near"),
        (Answer(name="v", kind="vector", target="y"), [0.6, 0.8], 0.6),
        (Answer(name="b", kind="boxes", target="b"), [BOX], [{"label": "cat"}]),
    ],
)
def test_answers_have_the_type_of_their_kind(answer, good, bad):
    checker = jsonschema.Draft202012Validator(answer_schema(answer))
    assert checker.is_valid(good)
    assert checker.is_valid(None)
    assert not checker.is_valid(bad)
