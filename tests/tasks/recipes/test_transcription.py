"""Recipe for speech to text."""

from dataclasses import replace

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.taggers.contexts import ConvolutionalContextConfig, TransformerContextConfig
from lamina.tasks.recipes.transcription import transcription_recipe
from tests.tasks.examples import facts_of

FACTS = replace(facts_of("transcription"), num_rows=2_000)


def test_more_time_buys_a_wider_network_and_more_passes() -> None:
    recipes = [transcription_recipe(replace(FACTS, time_s=t)) for t in (5.0, 600.0, 36_000.0)]
    widths = [recipe.network.context.width for recipe in recipes]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]
    epochs = [recipe.training.epochs for recipe in recipes]
    assert epochs[0] < epochs[-1] <= recipes[-1].max_epochs


def test_no_published_model_can_be_taken() -> None:
    with pytest.raises(ConfigError, match="published"):
        transcription_recipe(replace(FACTS, pretrained={"sound": object()}))


def test_only_hours_of_sound_are_read_by_attention() -> None:
    spec = FACTS.inputs_of("sound")[0]
    rows = int(40 * 3600 * spec.rate / spec.num_steps)
    few, many = (transcription_recipe(replace(FACTS, num_rows=n)).network for n in (2_000, rows))
    assert isinstance(few.context, ConvolutionalContextConfig)
    assert isinstance(many.context, TransformerContextConfig)
    assert many.context.blocks.width % many.context.blocks.num_heads == 0
