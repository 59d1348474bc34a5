"""The contract of a method, for every row of the table."""

import pytest
import torch

from lamina.explanation.base import AbstractMethod
from lamina.explanation.table import METHODS
from tests.explanation.made import convolutions, linear, perceptron, reader

QUESTIONS = {
    "columns": perceptron,
    "function": lambda: linear([1.0, 2.0], [3.0, 4.0], [[0.0, 0.0]]),
    "picture": convolutions,
    "words": lambda: reader([3, 4, 5, 6, 7]),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kind", QUESTIONS)
def test_what_suits_is_attributed_and_nothing_is_changed(name, kind):
    asked, method = QUESTIONS[kind](), METHODS[name].value
    assert isinstance(method, AbstractMethod)
    suited = method.suits(asked)
    assert set(suited) <= set(asked.features)
    if not suited:
        return
    before = {n: v.clone() for n, v in asked.inputs.items()}
    first, again = (method.attribute(asked.only(suited)) for _ in range(2))
    for own in suited:
        values = first.values[own]
        assert values.shape == (asked.features[own].count(asked.inputs[own]),)
        assert values.isfinite().all()
        assert not values.requires_grad
        assert torch.equal(values, again.values[own])
        assert torch.equal(asked.inputs[own], before[own])
    assert METHODS[name].source
