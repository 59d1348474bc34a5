"""The check finds what is true, and marks what is not."""

import torch

from lamina.explanation.check import CheckConfig, Checker, Sampled, summarise
from lamina.explanation.curves import Curves
from lamina.explanation.occlusion import Occlusion
from lamina.explanation.random import Random
from tests.explanation.made import linear, perceptron


def _record(method, asked, **settings):
    checker = Checker(asked.network, CheckConfig(**settings))
    return summarise([checker.measure(method, asked, method.attribute(asked))])


def test_occlusion_passes_and_chance_fails():
    asked = perceptron(12)
    good, bad = _record(Occlusion(), asked), _record(Random(), asked)
    assert good.verdict == "passed"
    assert good.gain.low > 0
    assert abs(good.similarity.value) < 0.6
    assert good.sentence.startswith("Checked")
    assert bad.verdict == "failed"
    assert bad.similarity.value > 0.99
    assert "Do not rely on it" in bad.sentence


def test_a_function_without_weights_is_checked_by_its_curves_alone():
    asked = linear([1.0, 2.0, 3.0, -4.0, 5.0], [1.0] * 5, [[0.0] * 5])
    found = _record(Occlusion(), asked)
    assert found.similarity is None
    assert found.verdict == "passed"
    # The best order of all: no random one is above it.
    curve = found.curves
    assert all(a <= b for a, b in zip(curve.deletion, curve.random_deletion))
    assert all(a >= b for a, b in zip(curve.insertion, curve.random_insertion))


def test_many_samples_are_resampled_as_samples():
    flat, steep = Curves((0.0, 1.0), (0.0, 0.0), (0.0, 0.0)), None
    samples = []
    for size in (1.0, 2.0, 3.0, 4.0):
        steep = Curves((0.0, 1.0), (0.0, 0.0), (size, size))
        samples.append(Sampled(steep, (flat, flat), (), None))
    found = summarise(samples)
    assert found.gain.value == 2.5
    assert 1.0 <= found.gain.low < 2.5 < found.gain.high <= 4.0
    assert found.num_rows == 4


def test_a_sum_that_does_not_add_up_is_marked():
    flat = Curves((0.0, 1.0), (0.0, 0.0), (0.0, 0.0))
    steep = Curves((0.0, 1.0), (0.0, 0.0), (1.0, 1.0))
    good, bad = (summarise([Sampled(steep, (flat, flat), (), error)]) for error in (0.01, 0.4))
    assert good.verdict == "passed"
    assert bad.verdict == "failed"
    assert "40%" in bad.sentence


def test_the_order_of_a_worse_than_random_explanation_is_told():
    asked = linear([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5, [[0.0] * 5])
    wrong = Occlusion().attribute(asked)
    turned = type(wrong)({"0": -wrong.values["0"]}, {})
    checker = Checker(None, CheckConfig())
    found = summarise([checker.measure(Occlusion(), asked, turned)])
    assert found.verdict == "failed"
    assert "less than following chance" in found.sentence
    assert torch.tensor(found.gain.high) < 0
