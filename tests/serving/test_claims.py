"""Which number of an answer is explained."""

import math

import pytest

from lamina.runtime.answers.classes import Classes
from lamina.runtime.answers.embeddings import Embeddings
from lamina.runtime.answers.labels import Labels
from lamina.runtime.answers.quantiles import Quantiles
from lamina.runtime.signature import Answer, Signature
from lamina.serving.claims import chosen
from lamina.serving.refusal import Refusal
from tests.serving.fakes import AGE


def _signature(*answers: Answer) -> Signature:
    return Signature(name="m", task="t", fields=(AGE,), answers=answers)


def test_what_tags_of_words_rest_on_is_not_traced() -> None:
    signature = _signature(Answer(name="y", kind="tag_sequence", target="y"))
    with pytest.raises(Refusal, match="not traced"):
        chosen(signature, {"y": ["O"]})


def test_what_an_embedding_rests_on_is_not_traced() -> None:
    signature = _signature(*Embeddings("y", ("a", "b"), 2).answers)
    with pytest.raises(Refusal, match="what an embedding rests on is not traced"):
        chosen(signature, {"y": "a", "similarity": 0.5, "embedding": [1.0, 0.0]})


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
