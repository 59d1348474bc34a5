"""The residual network."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.resnet import ResNetConfig
from tests.networks.specs import image_spec


@pytest.mark.parametrize(
    ("config", "side", "wanted"),
    [
        # ResNet-18 for CIFAR: 11,173,962 with a head of 512 · 10 + 10.
        (ResNetConfig(), 32, 11_173_962 - 5_130),
        # ResNet-50 for ImageNet: 25,557,032 with a head of 2048 · 1000 + 1000.
        (ResNetConfig(depths=(3, 4, 6, 3), block="bottleneck"), 224, 25_557_032 - 2_049_000),
    ],
)
def test_parameters_are_those_of_the_published_networks(config, side, wanted) -> None:
    with torch.device("meta"):
        network = config.build(image_spec(3, side))
    assert sum(p.numel() for p in network.parameters()) == wanted


def test_large_pictures_are_made_small_at_once() -> None:
    network = ResNetConfig(depths=(1, 1), width=4).build(image_spec(3, 96))
    pictures = torch.randint(0, 256, (2, 3, 96, 96), dtype=torch.uint8)
    assert network.stem(network.scale(pictures)).shape == (2, 4, 24, 24)
    assert network(pictures).shape == (2, network.out_features)


def test_a_branch_begins_silent() -> None:
    network = ResNetConfig(depths=(1,), width=4).build(image_spec())
    features = torch.rand(2, 4, 8, 8)
    assert torch.equal(network.stages(features), features)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"block": "basci"}, "Did you mean 'basic'"), ({"depths": ()}, "depths and width")],
)
def test_wrong_settings_are_explained(settings, message) -> None:
    with pytest.raises(ConfigError, match=message):
        ResNetConfig(**settings)
