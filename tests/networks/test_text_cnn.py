"""Convolutional encoder of texts."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.text_cnn import TextCNNConfig
from tests.networks.specs import text_spec


def test_a_filter_answers_its_words_wherever_they_stand() -> None:
    network = TextCNNConfig(sizes=(2,), dropout=0.0).build(text_spec()).eval()
    # The pair (7, 8) inside other words: every window of one text is a window of the other.
    first = network(torch.tensor([[3, 7, 8, 3, 7, 8, 3]]))
    second = network(torch.tensor([[3, 7, 8, 3, 0, 0, 0]]))
    # Before the answers of the filters stands the mean of the vectors.
    torch.testing.assert_close(first[:, 96:], second[:, 96:])


def test_the_first_features_are_the_mean_of_the_vectors() -> None:
    network = TextCNNConfig().build(text_spec()).eval()
    ids = torch.tensor([[3, 7, 0]])
    wanted = network.embedding(ids)[:, :2].mean(dim=1)
    torch.testing.assert_close(network(ids)[:, :96], wanted)


def test_what_stands_beyond_the_limit_is_not_read() -> None:
    network = TextCNNConfig(max_length=2).build(text_spec()).eval()
    first, second = network(torch.tensor([[3, 7, 8]])), network(torch.tensor([[3, 7, 9]]))
    torch.testing.assert_close(first, second)


def test_whole_words_are_dropped_while_training() -> None:
    network = TextCNNConfig(word_dropout=0.5, vector_dropout=0.0, dropout=0.0).build(text_spec())
    means = network(torch.full((200, 1), 7))[:, :96]
    silent = (means == 0).all(dim=1)
    assert 60 < int(silent.sum()) < 140
    assert (means[~silent] != 0).any(dim=1).all()


def test_a_text_shorter_than_the_filters_works() -> None:
    network = TextCNNConfig().build(text_spec())
    assert network(torch.tensor([[5]])).shape == (1, 496)


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="sizes, num_filters"):
        TextCNNConfig(sizes=())
