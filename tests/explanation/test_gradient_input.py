"""Gradient × input, equal to captum's."""

import captum.attr
import torch

from lamina.explanation.gradient_input import GradientInput
from tests.explanation.made import convolutions, linear, perceptron


def test_columns_equal_captum():
    asked = perceptron()
    wanted = captum.attr.InputXGradient(asked.network).attribute(
        asked.inputs["0"].clone().requires_grad_(), target=1
    )
    found = GradientInput().attribute(asked).values["0"]
    assert torch.allclose(found, wanted[0].detach(), atol=1e-6)


def test_pictures_equal_captum():
    asked = convolutions()
    wanted = captum.attr.InputXGradient(asked.network).attribute(
        asked.inputs["0"].clone().requires_grad_(), target=0
    )
    found = GradientInput().attribute(asked).pixels["0"]
    assert torch.allclose(found, wanted[0].sum(dim=0).detach(), atol=1e-6)


def test_the_distance_is_from_what_stands_in():
    # 2·(1 − 1.5) = −1 and 3·(4 − 1) = 9.
    asked = linear([2.0, 3.0], [1.0, 4.0], [[1.0, 0.0], [2.0, 2.0]])
    assert GradientInput().attribute(asked).values["0"].tolist() == [-1.0, 9.0]
