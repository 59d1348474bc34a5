"""The recipe for masks."""

import dataclasses

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.convnet import ConvNetConfig
from lamina.networks.two_branch import TwoBranchConfig
from lamina.networks.unet import UNetConfig
from lamina.tasks.recipes.segmentation import crop_side, segmentation_recipe
from tests.tasks.examples import facts_of

FACTS = facts_of("mask")
(SPEC,) = FACTS.inputs
LARGE = dataclasses.replace(FACTS, inputs=(dataclasses.replace(SPEC, shape=(3, 180, 240)),))


def test_little_time_takes_the_quick_network() -> None:
    long = segmentation_recipe(dataclasses.replace(LARGE, num_rows=400, time_s=2_700.0))
    brief = segmentation_recipe(dataclasses.replace(LARGE, num_rows=20_000, time_s=60.0))
    assert isinstance(long.network, UNetConfig)
    assert isinstance(brief.network, TwoBranchConfig)
    assert long.training.epochs > brief.training.epochs
    assert long.answering.views == 2
    assert brief.answering.views == 1


def test_large_pictures_are_learnt_from_parts() -> None:
    assert crop_side(LARGE.inputs[0]) == 120
    assert crop_side(SPEC) == 0
    assert segmentation_recipe(LARGE).augmentation.crop_size == 120


def test_grey_pictures_are_not_mirrored() -> None:
    grey = dataclasses.replace(FACTS, inputs=(dataclasses.replace(SPEC, shape=(1, 64, 64)),))
    recipe = segmentation_recipe(grey)
    assert recipe.augmentation.flip == "none"
    assert recipe.answering.views == 1


def test_a_size_widens_the_network() -> None:
    recipe = segmentation_recipe(dataclasses.replace(FACTS, size=0.5))
    assert isinstance(recipe.network, UNetConfig)
    assert recipe.network.widths == (16, 32, 64, 96)


def test_published_models_are_refused() -> None:
    with pytest.raises(ConfigError, match="no published model"):
        segmentation_recipe(dataclasses.replace(FACTS, pretrained={"image": ConvNetConfig()}))
