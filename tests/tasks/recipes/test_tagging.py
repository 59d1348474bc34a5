"""Recipe for tags of words."""

from dataclasses import replace

import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.networks.bert import BertConfig
from lamina.networks.gpt2 import GPT2Config
from lamina.networks.taggers.pieces import PieceTaggerConfig
from lamina.networks.taggers.whole import TaggerConfig
from lamina.networks.transformer import TransformerConfig
from lamina.tasks.recipes.choose import choose_recipe
from lamina.tasks.recipes.tagging import MOST_EPOCHS, WIDTH, tagging_recipe
from tests.tasks.examples import facts_of

FACTS = replace(facts_of("tagging"), num_rows=14_000, num_validation_rows=3_000)


def test_few_sentences_are_met_more_often() -> None:
    many, few = tagging_recipe(FACTS), tagging_recipe(replace(FACTS, num_rows=500))
    assert many.max_epochs == MOST_EPOCHS
    assert few.max_epochs == 4 * MOST_EPOCHS
    assert few.training.batch_size < many.training.batch_size == 32


def test_spans_found_choose_the_weights_where_there_are_rows_to_find_them_in() -> None:
    assert tagging_recipe(FACTS).training.validation.metric == "span_f1"
    few = tagging_recipe(replace(FACTS, num_validation_rows=5))
    assert few.training.validation.metric is None
    assert "too few" in few.reasons["training.validation.metric"]


def test_the_dial_is_a_factor_on_the_width() -> None:
    assert tagging_recipe(FACTS).network.context.width == WIDTH
    assert tagging_recipe(replace(FACTS, size=0.5)).network.context.width == WIDTH // 2


def test_where_words_are_cut_an_encoder_of_pieces_is_planned() -> None:
    cut = replace(facts_of("pieces"), num_rows=14_000)
    assert isinstance(tagging_recipe(FACTS).network, TaggerConfig)
    fresh = tagging_recipe(cut).network
    assert isinstance(fresh, PieceTaggerConfig)
    blocks = replace(TransformerConfig().blocks, depth=3, stochastic_depth=0.1)
    for encoder in (TransformerConfig(blocks=blocks), BertConfig()):
        taken = tagging_recipe(replace(cut, pretrained={"text": encoder}, reach=64)).network
        assert taken.stretch == 64
        assert taken.encoder.blocks.depth == encoder.blocks.depth
        # Masks inside the encoder would depend on how a batch is split, or make it slow.
        assert taken.encoder.blocks.dropout == 0.0
    unsaid = tagging_recipe(replace(cut, pretrained={"text": BertConfig()})).network
    assert unsaid.stretch == PieceTaggerConfig().stretch


def test_what_cannot_be_is_explained() -> None:
    with pytest.raises(ConfigError, match="sees both sides of a piece, got GPT2"):
        tagging_recipe(replace(facts_of("pieces"), pretrained={"text": GPT2Config()}))
    with pytest.raises(DataError, match="only taggers read"):
        choose_recipe(FACTS, task="classification")
