"""The recipe for pretrained encoders."""

from dataclasses import replace

import pytest

from lamina.networks.bert import BertConfig
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.tasks.recipes.choose import choose_recipe
from lamina.tasks.recipes.pretrained import WAYS, pretrained_recipe, tuning_for
from tests.tasks.examples import facts_of

ENCODER = BertConfig(blocks=ClassicBlocksConfig(depth=1, width=8, num_heads=2))


def asked(way, **changes):
    return replace(facts_of("text"), **changes, pretrained={"text": ENCODER}, tuning=way)


@pytest.mark.parametrize("way", WAYS)
def test_the_encoder_leads_with_a_reason(way) -> None:
    recipe = choose_recipe(asked(way), task="classification")
    assert recipe.network.encoders["text"] == ENCODER
    assert "pretrained weights" in recipe.reasons["network"]


def test_few_rows_are_seen_more_often() -> None:
    few = pretrained_recipe(asked("whole", num_rows=100), "text").training
    many = pretrained_recipe(asked("whole", num_rows=50_000), "text").training
    assert few.epochs > many.epochs
    assert few.batch_size <= many.batch_size


def test_frozen_layers_learn_nothing_and_whole_ones_slowly() -> None:
    assert {tuning_for(way, 100).way for way in WAYS} == set(WAYS)
    assert tuning_for("whole", 100).rate_factor < tuning_for("lora", 100).rate_factor
    assert tuning_for(None, 100).reason
