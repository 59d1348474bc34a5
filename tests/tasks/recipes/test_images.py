import pytest

from lamina.tasks.recipes.choose import choose_recipe
from tests.tasks.examples import image_facts


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 28, 32, 64, 100, 224])
def test_pictures_of_every_size_have_a_network(channels, side):
    for num_rows in (30, 1000, 60_000):
        facts = image_facts(channels, side, num_rows)
        recipe = choose_recipe(facts, task="classification")
        model = recipe.network.build(facts.inputs, facts.outputs)
        assert sum(p.numel() for p in model.parameters()) > 0
        assert recipe.augmentation.translate < max(2, side)
        assert recipe.training.batch_size <= max(32, num_rows)


def test_drawings_are_not_mirrored():
    assert choose_recipe(image_facts(1, 28), task="classification").augmentation.flip == "none"
    assert choose_recipe(image_facts(3, 32), task="classification").augmentation.flip != "none"
