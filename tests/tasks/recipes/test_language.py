"""Recipe for writing texts."""

from dataclasses import replace

import pytest

from lamina.core.errors import ConfigError
from lamina.tasks.recipes.language import language_recipe
from tests.tasks.examples import facts_of


def test_more_time_buys_a_larger_network_and_a_longer_context() -> None:
    facts = replace(facts_of("language"), num_tokens=1_000_000)
    depths, contexts = [], []
    for seconds in (10.0, 180.0, 3_600.0, 36_000.0):
        network = language_recipe(replace(facts, time_s=seconds)).network
        depths.append(network.decoder.depth)
        contexts.append(network.context)
    assert depths == sorted(depths)
    assert depths[-1] > depths[0]
    assert contexts[0] < contexts[-1]


def test_a_short_text_with_much_time_gets_a_larger_network_not_more_passes() -> None:
    facts = replace(facts_of("language"), time_s=3_600.0)

    def depth(num_tokens: int) -> int:
        decoder = language_recipe(replace(facts, num_tokens=num_tokens)).network.decoder
        assert isinstance(decoder.depth, int)
        return decoder.depth

    # Ten thousand tokens cannot fill a larger one; with a hundred million none is met twice.
    assert depth(1_000_000) > depth(10_000) == depth(100_000_000)


def test_the_dial_decides_where_it_is_set() -> None:
    facts = replace(facts_of("language"), size=6.0, time_s=5.0)
    recipe = language_recipe(facts)
    assert recipe.network.decoder.depth == 6
    assert "as the size 6 says" in recipe.reasons["network"]


def test_texts_met_often_have_dropout() -> None:
    facts = replace(facts_of("language"), time_s=600.0, size=4.0)
    few = language_recipe(replace(facts, num_tokens=10_000))
    many = language_recipe(replace(facts, num_tokens=1_000_000_000))
    assert few.network.decoder.dropout > many.network.decoder.dropout == 0.0


def test_no_published_model_can_be_taken() -> None:
    facts = facts_of("language")
    with pytest.raises(ConfigError, match="published"):
        language_recipe(replace(facts, pretrained={"text": object()}))
