"""Another run's tensors come under the model's names; what stands for something else is told."""

import dataclasses

import pytest
import torch

from lamina.core.records import OutputSpec
from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.text_cnn import TextCNNConfig
from lamina.training.meaning import Meaning, offer
from lamina.training.transfer import transfer_weights
from tests.networks.specs import category_spec, number_spec, text_spec

SPECS = [number_spec(3), category_spec((3, 21)), text_spec(6)]
OWN = Meaning(
    inputs={"number": ("number", "a", "b"), "category": ("category", "c"), "review": ("text",)},
    outputs={"y": ("category", "no", "yes", "maybe")},
    words={"review": ("", " ", "good", "bad", "film", "dull")},
    states={"review": "1"},
)


def model(seed, text=None):
    encoders = {
        "number": NumberLinearConfig(),
        "category": CategoryEmbeddingConfig(),
        "text": text or TextCNNConfig(embedding_width=4, num_filters=3, sizes=(1, 2)),
    }
    torch.manual_seed(seed)
    config = ModelConfig(encoders=encoders, trunk=MLPConfig(depth=2, width=5))
    return config.build(SPECS, [OutputSpec("y", 3)])


def transferred(other, text=None):
    ours, theirs = model(0, text), model(1, text)
    before = {name: value.clone() for name, value in ours.state_dict().items()}
    report = transfer_weights(ours, theirs.state_dict(), meanings=(OWN, other))
    return before, ours.state_dict(), theirs.state_dict(), report


def test_what_stands_for_the_same_is_taken_whole():
    _, after, theirs, report = transferred(OWN)
    assert all(torch.equal(after[name], theirs[name]) for name in after)
    assert report.other_meaning == ()
    assert "words" not in report.summary()


def test_vectors_follow_their_words():
    words = {"review": ("", " ", "film", "bad", "fine", "good")}
    before, after, theirs, report = transferred(dataclasses.replace(OWN, words=words))
    key = "encoders.2.embedding.words.weight"
    assert torch.equal(after[key][[0, 1, 2, 3, 4]], theirs[key][[0, 1, 5, 3, 2]])
    assert torch.equal(after[key][5], before[key][5])
    assert report.words == (5, 6)
    assert "5 of 6 words are known" in report.summary()


@pytest.mark.parametrize(
    ("change", "is_category_fresh"),
    [({"category": ("category", "d")}, True), ({"number": ("number", "b", "a")}, False)],
)
def test_other_columns_start_afresh_in_encoder_and_first_layer(change, is_category_fresh):
    other = dataclasses.replace(OWN, inputs={**OWN.inputs, **change})
    before, after, theirs, report = transferred(other)
    assert all(torch.equal(after[name], before[name]) for name in report.other_meaning)
    weights = [name for name in before if name.startswith("trunk") and before[name].dim() == 2]
    assert weights[0] in report.other_meaning
    assert torch.equal(after[weights[1]], theirs[weights[1]])
    assert ("encoders.1.embedding.weight" in report.other_meaning) == is_category_fresh
    assert torch.equal(after["heads.0.weight"], theirs["heads.0.weight"])


def test_other_classes_get_a_fresh_head_and_bag():
    other = dataclasses.replace(OWN, outputs={"y": ("category", "yes", "no", "maybe")})
    bag = NgramBagConfig(num_buckets=64, num_rows=16, width=3)
    _, _, _, report = transferred(other, bag)
    left_out = {name.rpartition(".")[0] for name in report.other_meaning}
    assert left_out == {"encoders.2", "heads.0"}
    assert "start afresh" in report.summary()


def test_a_bag_is_taken_whole_or_not_at_all():
    small, large = (NgramBagConfig(num_buckets=64, num_rows=n, width=3) for n in (16, 32))
    ours, theirs = model(0, small), model(1, large)
    report = transfer_weights(ours, theirs.state_dict(), meanings=(OWN, OWN))
    assert "encoders.2.row_of" in report.other_meaning  # the shape alone would have fitted
    assert not any(name.startswith("encoders.2") for name in report.taken)


def test_inputs_are_found_by_name_or_by_kind_not_by_place():
    inputs = {"story": ("text",), "number": OWN.inputs["number"], "category": ("category", "c")}
    words = {"story": OWN.words["review"]}
    other = dataclasses.replace(OWN, inputs=inputs, words=words)
    ours, theirs = model(0), model(1).state_dict()
    moved = {
        name.replace("encoders.2", "encoders.0").replace("encoders.1", "encoders.3"): value
        for name, value in theirs.items()
    }
    moved = {name.replace("encoders.3", "encoders.2"): value for name, value in moved.items()}
    found = offer(ours, moved, OWN, other)
    for name in theirs:
        assert torch.equal(found.tensors[name], theirs[name]), name
    # The first layer sees the features in another order.
    assert any(name.startswith("trunk") for name in found.strange)
    assert not any(name.startswith("encoders") for name in found.strange)
