import dataclasses

import pytest

from lamina.tasks.recipes.choose import choose_recipe
from tests.tasks.examples import facts_of


@pytest.mark.parametrize("num_classes", [2, 3, 40])
def test_texts_of_any_number_of_classes_have_a_network(num_classes):
    facts = facts_of("text")
    outputs = (dataclasses.replace(facts.outputs[0], size=num_classes),)
    many = dataclasses.replace(facts, outputs=outputs, class_counts=(9,) * num_classes)
    recipe = choose_recipe(many, task="classification")
    model = recipe.network.build(many.inputs, many.outputs)
    assert sum(p.numel() for p in model.parameters()) > 0
