"""Integrated gradients: completeness, and parity with captum."""

import captum.attr
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.explanation.integrated_gradients import IntegratedGradients
from tests.explanation.made import convolutions, linear, perceptron, reader, worth


def test_columns_equal_captum():
    asked = perceptron()
    own = captum.attr.IntegratedGradients(asked.network)
    wanted = own.attribute(asked.inputs["0"], target=1, n_steps=20, method="gausslegendre")
    found = IntegratedGradients(num_steps=20).attribute(asked)
    assert torch.allclose(found.values["0"], wanted[0].float(), atol=1e-6)
    assert found.completeness_error < 1e-5


def test_pictures_equal_captum():
    asked = convolutions()
    own = captum.attr.IntegratedGradients(asked.network)
    wanted = own.attribute(asked.inputs["0"], target=0, n_steps=20, method="gausslegendre")
    found = IntegratedGradients(num_steps=20).attribute(asked)
    assert torch.allclose(found.pixels["0"], wanted[0].sum(dim=0).float(), atol=1e-6)
    patches = wanted[0].float().sum(dim=0).unfold(0, 2, 2).unfold(1, 2, 2).sum(dim=(2, 3))
    assert torch.allclose(found.values["0"], patches.flatten(), atol=1e-6)


def test_words_are_followed_at_their_vectors():
    asked = reader([3, 4, 3, 9])
    found = IntegratedGradients().attribute(asked)
    assert torch.allclose(found.values["0"], worth(asked), atol=1e-5)
    assert found.completeness_error < 1e-4


def test_several_references_give_the_mean_and_still_add_up():
    asked = linear([2.0, 3.0], [1.0, 4.0], [[1.0, 0.0], [2.0, 2.0]])
    found = IntegratedGradients().attribute(asked)
    assert torch.allclose(found.values["0"], torch.tensor([-1.0, 9.0]), atol=1e-5)


def test_what_is_missing_is_given_nothing():
    asked = linear([2.0, 3.0], [float("nan"), 4.0], [[1.0, 0.0]])
    bind = asked.bind
    own = type(asked)(
        lambda network: lambda inputs: bind(network)({"0": inputs["0"].nan_to_num(7.0)}),
        asked.inputs,
        asked.features,
    )
    assert IntegratedGradients().attribute(own).values["0"].tolist() == pytest.approx([0.0, 12.0])


def test_a_path_that_is_too_coarse_says_so():
    asked = perceptron()
    asked.inputs["0"].mul_(40)
    assert IntegratedGradients(num_steps=1).attribute(asked).completeness_error > 0.05


def test_a_path_needs_points():
    with pytest.raises(ConfigError, match="num_steps"):
        IntegratedGradients(num_steps=0)
