"""A network that compares two texts."""

from dataclasses import replace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import OutputSpec
from lamina.networks.architectures import architecture_from_document, architecture_to_document
from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.pairs.aligned import AlignedConfig
from lamina.networks.pairs.whole import PairConfig
from lamina.networks.rnn import RNNConfig
from tests.networks.specs import number_spec, spelt_spec, text_spec

ONE, OTHER = replace(text_spec(), name="one"), replace(text_spec(), name="other")
OUTPUTS = [OutputSpec("y", 3)]


def config(**changes) -> PairConfig:
    joined = ModelConfig(
        encoders={"number": NumberLinearConfig()}, trunk=MLPConfig(depth=1, width=8)
    )
    return replace(PairConfig(reader=RNNConfig(width=8), joined=joined), **changes)


def inputs(rows: int = 4) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {
        "one": torch.randint(1, 50, (rows, 5)),
        "other": torch.randint(1, 50, (rows, 3)),
        "number": torch.randn(rows, 3),
    }


@pytest.mark.parametrize("comparison", ["siamese", "aligned"])
def test_one_reader_reads_both_and_all_else_is_read_beside(comparison) -> None:
    chosen = {} if comparison == "siamese" else {"comparison": AlignedConfig(width=8)}
    network = config(**chosen).build([ONE, OTHER, number_spec()], OUTPUTS).eval()
    given = inputs()
    found = network(given)["y"]
    assert found.shape == (4, 3)
    for name in given:
        changed = {**given, name: given[name].flip(0)}
        assert not torch.allclose(network(changed)["y"], found), name
    readers = [name for name, _ in network.named_parameters() if "embedding.words" in name]
    assert len(readers) == 1


def test_its_reader_bears_the_name_that_a_joined_network_gives_it() -> None:
    network = config().build([ONE, OTHER, number_spec()], OUTPUTS)
    assert network.taught_encoders() == {"one": network.encoders[0]}
    assert network.mixed() == {"one", "other", "number"}


def test_a_reader_that_starts_from_the_data_sees_both_texts() -> None:
    bag = NgramBagConfig(num_buckets=256, num_rows=64, width=2, min_count=1)
    network = config(reader=bag).build([ONE, OTHER], OUTPUTS).eval()
    texts = {"one": torch.tensor([[3], [4]] * 5), "other": torch.tensor([[5, 6], [7, 8]] * 5)}
    network.initialise(texts, {"y": torch.tensor([0, 1] * 5)})
    with torch.no_grad():
        for seen in ([[3, 0], [4, 0]], [[5, 6], [7, 8]]):
            assert network.reader(torch.tensor(seen)).argmax(dim=1).tolist() == [0, 1]


def test_shared_words_are_seen_unless_they_are_not_to_be() -> None:
    texts = {"one": torch.tensor([[3, 4], [5, 6]]), "other": torch.tensor([[3, 9], [7, 8]])}
    network = config().build([ONE, OTHER], OUTPUTS).eval()
    network.initialise(texts, {"y": torch.tensor([0, 1])})
    assert network.shared.rarity[3] < network.shared.rarity[9]
    assert config(counts_shared=False).build([ONE, OTHER], OUTPUTS).shared is None


def test_documents_name_all_parts() -> None:
    own = config(comparison=AlignedConfig(width=8), counts_shared=False)
    document = architecture_to_document(own)
    parts = ["name", "reader", "comparison", "counts_shared", "encoders", "trunk", "head"]
    assert list(document) == parts
    assert architecture_from_document(document) == own
    assert architecture_from_document({"name": "pair", "comparison": "siamese"}) == PairConfig()


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ([ONE, number_spec()], "compares two texts, and the rows have 1: 'one'"),
        ([ONE, OTHER, text_spec()], "Name the others with --ignore"),
        ([ONE, replace(OTHER, vocabulary_size=51)], "Set data.fitting.is_joint to true"),
        ([spelt_spec("a"), replace(spelt_spec("b"), name="other")], "different tokens"),
    ],
)
def test_what_cannot_be_compared_is_explained(specs, message) -> None:
    with pytest.raises(ConfigError, match=message):
        config().build(specs, OUTPUTS)


def test_wrong_parts_are_explained() -> None:
    with pytest.raises(ConfigError, match="reads number"):
        PairConfig(reader=NumberLinearConfig())
    with pytest.raises(ConfigError, match="'mlp' reads nothing, it is a trunk"):
        PairConfig.from_document({"reader": "mlp"})
    with pytest.raises(ConfigError, match="aligend"):
        PairConfig.from_document({"comparison": "aligend"})
    with pytest.raises(ConfigError, match="true or false, got 'maybe'"):
        PairConfig.from_document({"counts_shared": "maybe"})
    with pytest.raises(ConfigError, match="known: encoders"):
        PairConfig.from_document({"trnk": "mlp"})
