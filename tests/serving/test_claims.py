"""Which number of an answer is explained."""

import math

import pytest

from lamina.runtime.answers.classes import Classes
from lamina.runtime.answers.embeddings import Embeddings
from lamina.runtime.answers.labels import Labels
from lamina.runtime.answers.quantiles import Quantiles
from lamina.runtime.signature import Answer, Signature
from lamina.serving.claims import LOG_PROBABILITY, chosen, traced_claim, traced_in
from lamina.serving.refusal import Refusal
from tests.serving.fakes import AGE


def _signature(*answers: Answer) -> Signature:
    return Signature(name="m", task="t", fields=(AGE,), answers=answers)


def test_answers_of_free_length_are_measured_otherwise() -> None:
    tags = Answer(name="y", kind="tag_sequence", target="y")
    for one in (tags, Answer(name="y", kind="text", target="y")):
        assert traced_in(_signature(one)) is one
    assert traced_in(_signature(Answer(name="y", kind="number", target="y"))) is None
    found = traced_claim(tags, "O B-x")
    assert (found.claim, found.unit) == ("y is “O B-x”", LOG_PROBABILITY)
    assert found.evidence({LOG_PROBABILITY: -2}) == -2.0


def test_the_cosine_with_the_nearest_identity() -> None:
    signature = _signature(*Embeddings("y", ("a", "b"), 2).answers)
    found = chosen(signature, {"y": "a", "similarity": 0.5, "embedding": [1.0, 0.0]})
    assert (found.claim, found.unit, found.probability) == ("y is like a", "cosine", None)
    assert found.evidence({"y": "b", "similarity": 0.25, "embedding": []}) == 0.25
    assert math.isnan(found.evidence({}))


def test_the_most_probable_class() -> None:
    signature = _signature(*Classes("y", ("a", "b"), ("a", "b")).answers)
    own = {"y": "b", "probability": 0.75, "probability_a": 0.25, "probability_b": 0.75}
    found = chosen(signature, own)
    assert (found.claim, found.unit, found.probability) == ("y is b", "log-odds", 0.75)
    assert found.evidence(own) == pytest.approx(math.log(3))
    assert math.isnan(found.evidence({}))
    # Not beyond what a probability can tell.
    assert math.isfinite(found.evidence({"probability_b": 1.0}))


@pytest.mark.parametrize(
    ("targets", "is_joined", "claim"),
    [(("tags",), True, "tags has b"), (("a", "b"), False, "b is true")],
)
def test_the_most_probable_label(targets, is_joined, claim) -> None:
    form = Labels(targets, ("a", "b"), is_joined=is_joined)
    own = {"probability_a": 0.3, "probability_b": 0.6}
    assert chosen(_signature(*form.answers), own).claim == claim


def test_a_number_in_its_unit() -> None:
    found = chosen(_signature(Answer(name="price", kind="number", target="price")), {"price": 3})
    assert (found.claim, found.unit, found.probability) == ("price", "price", None)
    assert found.evidence({"price": 3}) == 3.0


@pytest.mark.parametrize(("levels", "middle"), [((0.1, 0.5, 0.9), "0.5"), ((0.1, 0.6), "0.6")])
def test_the_middle_quantile(levels, middle) -> None:
    form = Quantiles("price", levels)
    own = {answer.name: place for place, answer in enumerate(form.answers)}
    found = chosen(_signature(*form.answers), own)
    assert (found.claim, found.unit) == (f"price, quantile {middle}", "price")


def test_nothing_that_could_be_followed() -> None:
    with pytest.raises(Refusal, match="neither numbers nor probabilities"):
        chosen(_signature(Answer(name="y", kind="class", target="y")), {"y": "a"})
