"""A bag of n-grams beside convolutions."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.text_joint import TextJointConfig
from tests.networks.specs import text_spec

BAG = NgramBagConfig(num_buckets=256, width=2)


def test_features_are_those_of_both_the_bag_first() -> None:
    network = TextJointConfig(bag=BAG).build(text_spec()).eval()
    ids = torch.tensor([[3, 4, 0], [5, 0, 0]])
    wanted = torch.cat([network.bag(ids), network.convolutions[0](ids)], dim=1)
    torch.testing.assert_close(network(ids), wanted)
    assert network.out_features == wanted.shape[1]


def test_one_of_the_two_is_silent_for_some_texts_and_never_both() -> None:
    network = TextJointConfig(bag=BAG, silence=0.5).build(text_spec()).train()
    features = network(torch.full((400, 3), 7))
    has_bag, has_found = (part.any(dim=1) for part in (features[:, :2], features[:, 2:]))
    assert (has_bag | has_found).all()
    for silent in (~has_bag, ~has_found):
        assert 60 < int(silent.sum()) < 140  # a quarter each


def test_every_member_has_the_bag_and_convolutions_of_its_own() -> None:
    network = TextJointConfig(bag=BAG, num_members=2).build(text_spec()).eval()
    first, second = network(torch.tensor([[3, 4, 5]])).unflatten(1, (2, -1)).unbind(1)
    assert torch.equal(first[:, :2], second[:, :2])
    assert not torch.equal(first[:, 2:], second[:, 2:])
    assert network.blocks() == (network.out_features // 2,) * 2


def test_the_bag_starts_from_the_data() -> None:
    network = TextJointConfig(bag=BAG).build(text_spec()).eval()
    with torch.no_grad():
        network.initialise(torch.tensor([[3], [4]] * 5), {"y": torch.tensor([0, 1] * 5)})
        answers = network(torch.tensor([[3], [4]]))[:, :2]
    assert answers.argmax(dim=1).tolist() == [0, 1]


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="silence"):
        TextJointConfig(silence=1.0)
    with pytest.raises(ConfigError, match="num_members"):
        TextJointConfig(num_members=0)
