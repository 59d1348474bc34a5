"""The recipe for identities."""

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
    assert recognition_recipe(image_facts(1, 64)).augmentation.flip == "none"
    assert recipe.training.validation.metric == "verification_auc"
    assert not recipe.answering.is_calibrated
