"""The recipe for filling in."""

from dataclasses import replace

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.transformer import TransformerConfig
from lamina.tasks.recipes.masked import masked_recipe
from tests.tasks.examples import facts_of


def test_more_time_means_more_steps_and_the_dial_a_larger_network() -> None:
    facts = replace(facts_of("masked"), num_tokens=1_000_000)
    short, long = (masked_recipe(replace(facts, time_s=seconds)) for seconds in (60.0, 600.0))
    assert short.training.steps < long.training.steps
    large = masked_recipe(replace(facts, size=6.0)).network.encoder.blocks
    assert (large.depth, large.width) == (6, 192)


def test_published_models_are_refused() -> None:
    facts = replace(facts_of("masked"), pretrained={"text": TransformerConfig()})
    with pytest.raises(ConfigError, match="no published model"):
        masked_recipe(facts)
