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
    torch.testing.assert_close(first, second)


def test_a_text_shorter_than_the_filters_works() -> None:
    network = TextCNNConfig().build(text_spec())
    assert network(torch.tensor([[5]])).shape == (1, 300)


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="sizes, num_filters"):
        TextCNNConfig(sizes=())
