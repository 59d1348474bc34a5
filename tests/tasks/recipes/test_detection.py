"""The recipe for boxes."""

import dataclasses

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.detector import DetectorConfig
from lamina.networks.resnet import ResNetConfig
from lamina.networks.vit import ViTConfig
from lamina.tasks.recipes.detection import detection_recipe
from tests.tasks.examples import facts_of, variations

FACTS = facts_of("boxes")


def test_every_variation_is_a_network_that_can_be_built() -> None:
    for facts in variations(FACTS):
        recipe = detection_recipe(facts)
        assert isinstance(recipe.network, DetectorConfig)
        assert recipe.max_epochs is not None
        assert recipe.training.epochs <= recipe.max_epochs
        has_metric = recipe.training.validation.metric is not None
        assert has_metric == (facts.num_validation_rows >= 10)
        recipe.network.build(facts.inputs, facts.outputs)


def test_it_takes_the_encoder_of_the_run_to_start_from() -> None:
    own = ResNetConfig(depths=(1, 1, 1), width=8)
    facts = dataclasses.replace(FACTS, pretrained={"image": own})
    network = detection_recipe(facts).network
    assert isinstance(network, DetectorConfig)
    assert network.encoder == own
    with pytest.raises(ConfigError, match="gives no maps of places"):
        detection_recipe(dataclasses.replace(FACTS, pretrained={"image": ViTConfig()}))


def test_the_dial_of_size() -> None:
    widths = []
    for size in (0.5, 1.0, 2.0):
        network = detection_recipe(dataclasses.replace(FACTS, size=size)).network
        assert isinstance(network, DetectorConfig)
        assert isinstance(network.encoder, ResNetConfig)
        widths.append((network.encoder.width, network.width))
    assert widths == [(16, 32), (32, 64), (64, 128)]
