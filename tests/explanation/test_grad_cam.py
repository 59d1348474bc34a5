"""Grad-CAM, equal to captum's on the same layer."""

import captum.attr
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.explanation.grad_cam import GradCAM
from tests.explanation.made import convolutions, perceptron


@pytest.mark.parametrize("layer", ["first", "second"])
def test_maps_equal_captum(layer):
    asked = convolutions()
    own = captum.attr.LayerGradCam(asked.network.forward, asked.network.get_submodule(layer))
    wanted = own.attribute(asked.inputs["0"].requires_grad_(), target=0)
    assert torch.allclose(GradCAM(layer=layer).maps(asked), wanted.detach(), atol=1e-6)


def test_the_last_layer_is_taken_and_its_map_is_laid_over_the_patches():
    asked = convolutions(side=8, patch=4)
    found = GradCAM().attribute(asked).values["0"]
    heat = GradCAM(layer="second").maps(asked)
    assert found.shape == (4,)
    large = torch.nn.functional.interpolate(heat, size=(8, 8), mode="bilinear")
    wanted = torch.nn.functional.avg_pool2d(large, 4).flatten()
    assert torch.allclose(found, wanted, atol=1e-6)


def test_it_suits_pictures_seen_by_convolutions_only():
    assert GradCAM().suits(convolutions()) == ("0",)
    assert GradCAM().suits(perceptron()) == ()


def test_a_layer_without_maps_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match="first, second"):
        GradCAM(layer="last").attribute(convolutions())
