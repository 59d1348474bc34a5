"""The contract of networks that answer every pixel."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architectures import architecture_from_document, architecture_to_document
from lamina.networks.two_branch import TwoBranchConfig
from lamina.networks.unet import UNetConfig

CONFIGS = {
    "unet": UNetConfig(widths=(8, 16), depths=(1, 1)),
    "two_branch": TwoBranchConfig(width=8, context=(12,)),
}


def built(name, shape=(3, 13, 18), classes=5):
    torch.manual_seed(0)
    spec = InputSpec("x", "image", ("x",), shape)
    return CONFIGS[name].build([spec], [OutputSpec("y", classes, places=shape[1:])])


@pytest.mark.parametrize("shape", [(3, 13, 18), (1, 4, 4), (3, 5, 40)])
@pytest.mark.parametrize("name", CONFIGS)
def test_every_pixel_has_a_logit_per_class_whatever_the_size(name, shape) -> None:
    model = built(name, shape)
    images = torch.randint(0, 256, (2, *shape), dtype=torch.uint8)
    assert model({"x": images})["y"].shape == (2, 1, 5, *shape[1:])
    assert model.features({"x": images}).shape == (2, model.out_features)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_gradient_reaches_every_weight(name) -> None:
    model = built(name)
    images = torch.randint(0, 256, (4, 3, 13, 18), dtype=torch.uint8)
    model({"x": images})["y"].square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("name", CONFIGS)
def test_a_sample_does_not_depend_on_those_beside_it_when_it_answers(name) -> None:
    model = built(name).eval()
    images = torch.randint(0, 256, (3, 3, 13, 18), dtype=torch.uint8)
    whole = model({"x": images})["y"]
    torch.testing.assert_close(model({"x": images[1:2]})["y"], whole[1:2], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", CONFIGS)
def test_it_starts_from_how_frequent_classes_are(name) -> None:
    model = built(name).eval()
    masks = torch.zeros(4, 13, 18, dtype=torch.uint8)
    masks[:, :3] = 1
    masks[:, 3] = 255
    images = torch.full((4, 3, 13, 18), 128, dtype=torch.uint8)
    model.initialise({"x": images}, {"y": masks})
    bias = model.head.bias.view(5, -1)[:, 0].softmax(0)
    assert bias[0].item() == pytest.approx(9 / 12, abs=0.01)
    assert bias[1].item() == pytest.approx(3 / 12, abs=0.01)


@pytest.mark.parametrize("name", CONFIGS)
def test_one_picture_and_one_mask(name) -> None:
    picture = InputSpec("x", "image", ("x",), (3, 16, 16))
    number = InputSpec("number", "number", ("z",), (1,))
    with pytest.raises(ConfigError, match="one picture and answers one mask"):
        CONFIGS[name].build([picture, number], [OutputSpec("y", 3)])
    config = CONFIGS[name]
    assert architecture_from_document(architecture_to_document(config)) == config
