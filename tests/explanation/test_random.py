"""Chance knows nothing."""

import torch

from lamina.explanation.random import Random
from tests.explanation.made import perceptron


def test_numbers_depend_on_the_seed_alone():
    asked = perceptron()
    first, again = (Random().attribute(asked).values["0"] for _ in range(2))
    other = Random(seed=1).attribute(asked).values["0"]
    assert Random().suits(asked) == ("0",)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    asked.inputs["0"].mul_(3)
    assert torch.equal(Random().attribute(asked).values["0"], first)
