"""Recipe from text to text."""

from dataclasses import replace

import pytest

from lamina.core.errors import ConfigError
from lamina.tasks.recipes.text_to_text import MOST_EPOCHS, text_to_text_recipe
from tests.tasks.examples import facts_of

FACTS = replace(facts_of("text_to_text"), num_rows=29_000, median_tokens=16)


def test_more_time_buys_a_wider_network_and_more_passes() -> None:
    recipes = [text_to_text_recipe(replace(FACTS, time_s=t)) for t in (60.0, 1_800.0, 36_000.0)]
    widths = [recipe.network.translator.width for recipe in recipes]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]
    epochs = [recipe.training.epochs for recipe in recipes]
    assert epochs[0] < epochs[-1] <= MOST_EPOCHS


def test_the_dial_decides_where_it_is_set() -> None:
    recipe = text_to_text_recipe(replace(FACTS, size=1.0, time_s=36_000.0))
    assert recipe.network.translator.width == 64
    assert "as the size 1 says" in recipe.reasons["network"]


def test_few_pairs_need_much_dropout() -> None:
    many = text_to_text_recipe(replace(FACTS, num_rows=5_000_000))
    assert text_to_text_recipe(FACTS).network.translator.dropout > many.network.translator.dropout


def test_no_published_model_can_be_taken() -> None:
    with pytest.raises(ConfigError, match="published"):
        text_to_text_recipe(replace(FACTS, pretrained={"text": object()}))
