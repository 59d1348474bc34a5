import dataclasses
import math

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


@pytest.mark.parametrize(
    ("rows", "steps", "batch"),
    # 96 rows are two steps a pass, 400 seven; from a thousand rows on nothing depends on them.
    [(96, 400, 64), (400, 400, 64), (700, 700, 64), (999, 1000, 64), (1000, 1000, 256)],
)
def test_a_tiny_table_takes_a_step_per_row(rows, steps, batch):
    facts = dataclasses.replace(facts_of("binary"), num_rows=rows)
    columns = sum(len(spec.columns) for spec in facts.inputs)
    assert 10 <= rows / columns < 500
    training = choose_recipe(facts, task="classification").training
    assert training.batch_size == batch
    taken = training.epochs * (math.ceil(rows / batch) if rows < 1000 else rows / batch)
    assert taken == pytest.approx(steps, rel=0.01)
