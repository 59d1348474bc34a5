"""The recipe for identities."""

import pytest

from lamina.networks.angular import AngularHeadConfig
from lamina.objectives.angular import AngularMarginConfig
from lamina.tasks.recipes.recognition import recognition_recipe
from tests.tasks.examples import image_facts


def test_the_network_of_pictures_gets_a_head_for_embeddings() -> None:
    recipe = recognition_recipe(image_facts(3, 64))
    assert recipe.network.head == AngularHeadConfig()
    assert isinstance(recipe.objective, AngularMarginConfig)
    assert recipe.augmentation.rotate > 0
    assert recipe.augmentation.crop == 0
    assert recipe.augmentation.flip == "random"
    # Small grey pictures may be letters.
    letters = recognition_recipe(image_facts(1, 28))
    assert letters.augmentation.flip == "none"
    assert (letters.answering.views, recipe.answering.views) == (1, 2)
    assert recipe.training.validation.metric == "verification_auc"
    assert not recipe.answering.is_calibrated


@pytest.mark.parametrize("side", [8, 28, 80, 200])
def test_some_places_of_each_picture_are_told_apart(side: int) -> None:
    facts = image_facts(3, side)
    encoder = recognition_recipe(facts).network.encoders["image"]
    assert encoder.pooling == "places"
    network = encoder.build(facts.inputs_of("image")[0])
    places = network.out_features // encoder.widths[-1]
    assert 2 * 2 <= places <= 10 * 10
