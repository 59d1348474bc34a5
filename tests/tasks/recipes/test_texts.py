import dataclasses

import pytest

from lamina.networks.model import ModelConfig
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


@pytest.mark.parametrize("median_tokens", [40, 200])
def test_sentences_are_read_by_a_committee_and_longer_texts_by_the_bag_alone(median_tokens):
    short = choose_recipe(
        dataclasses.replace(facts_of("text"), median_tokens=20), task="classification"
    )
    long = choose_recipe(
        dataclasses.replace(facts_of("text"), median_tokens=median_tokens), task="classification"
    )
    assert type(short.network.encoders["text"]).__name__ == "TextJointConfig"
    model = short.network.build(facts_of("text").inputs, facts_of("text").outputs)
    assert model.num_members == short.network.encoders["text"].num_members > 1
    assert type(long.network.encoders["text"]).__name__ == "NgramBagConfig"


def test_small_sets_take_more_passes_but_never_without_end():
    passes = [
        choose_recipe(
            dataclasses.replace(facts_of("text"), num_rows=rows), task="classification"
        ).max_epochs
        for rows in (500, 8_000, 1_000_000)
    ]
    assert passes == sorted(passes, reverse=True)
    assert 3 <= passes[-1] < passes[0] <= 10


def test_the_table_of_ngrams_does_not_outgrow_a_step():
    facts = dataclasses.replace(facts_of("text"), num_rows=10_000_000, median_tokens=300)
    bag = choose_recipe(facts, task="classification").network.encoders["text"]
    assert bag.num_rows * bag.width <= 1 << 22


@pytest.mark.parametrize("name", ["ngram_bag", "rnn", "text_cnn", "transformer"])
def test_any_encoder_of_texts_fits_the_rest_of_the_recipe(name):
    facts = facts_of("text")
    short = choose_recipe(dataclasses.replace(facts, median_tokens=20), task="classification")
    document = short.network.to_document()
    document["encoders"]["text"] = {"name": name}
    model = ModelConfig.from_document(document).build(facts.inputs, facts.outputs)
    assert model.num_members == 1
