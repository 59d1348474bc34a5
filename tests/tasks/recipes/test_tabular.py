import dataclasses

import pytest

from lamina.tasks.recipes.choose import choose_recipe
from tests.tasks.examples import facts_of


@pytest.mark.parametrize("kept", [("number",), ("category",), ("number", "category")])
def test_any_columns_of_a_table_have_encoders(kept):
    facts = facts_of("binary")
    some = dataclasses.replace(facts, inputs=tuple(s for s in facts.inputs if s.kind in kept))
    recipe = choose_recipe(some, task="classification")
    assert set(recipe.network.encoders) == set(kept)
    recipe.network.build(some.inputs, some.outputs)


def test_weights_are_not_chosen_by_a_handful_of_validation_rows():
    facts = facts_of("binary")
    for count in (0, 5):
        few = dataclasses.replace(facts, num_validation_rows=count)
        assert choose_recipe(few, task="classification").training.validation.metric is None
