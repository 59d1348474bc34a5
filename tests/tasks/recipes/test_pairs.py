"""The recipe for two texts that are compared."""

import dataclasses

import pytest

from lamina.networks.bert import BertConfig
from lamina.networks.pairs.whole import PairConfig
from lamina.tasks.recipes.choose import choose_recipe
from lamina.tasks.recipes.pairs import MOST_EPOCHS
from tests.tasks.examples import facts_of


def test_it_is_chosen_where_texts_are_compared_only():
    facts = facts_of("pair")
    network = choose_recipe(facts, task="classification").network
    assert isinstance(network, PairConfig)
    assert set(network.joined.encoders) == {"number", "category"}
    alone = choose_recipe(dataclasses.replace(facts, pair=""), task="classification").network
    assert {"text", "number", "category"} == set(alone.encoders)


def test_a_published_encoder_reads_both_and_is_trained_as_ever():
    facts = dataclasses.replace(facts_of("pair"), pretrained={"text": BertConfig()}, tuning="whole")
    recipe = choose_recipe(facts, task="classification")
    alone = choose_recipe(dataclasses.replace(facts, pair=""), task="classification")
    assert recipe.network.reader == BertConfig()
    assert recipe.training == alone.training


@pytest.mark.parametrize("num_rows", [40, 900, 20_000, 1_000_000])
def test_passes_are_bounded(num_rows):
    facts = dataclasses.replace(facts_of("pair"), num_rows=num_rows)
    training = choose_recipe(facts, task="classification").training
    assert 1 <= training.epochs <= MOST_EPOCHS


def test_numbers_have_their_loss_and_metric():
    recipe = choose_recipe(facts_of("pair_number"), task="regression")
    assert type(recipe.objective).__name__ == "MSEConfig"
    assert recipe.training.validation.metric in ("rmse", None)
