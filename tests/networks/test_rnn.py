"""Recurrent encoder of texts."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.rnn import RNNConfig
from tests.networks.specs import text_spec


@pytest.mark.parametrize(("bidirectional", "features"), [(True, 16), (False, 8)])
def test_width_of_the_features(bidirectional, features) -> None:
    network = RNNConfig(depth=2, width=8, bidirectional=bidirectional).build(text_spec())
    assert network.out_features == features
    assert network(torch.tensor([[3, 4, 0]])).shape == (1, features)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RNNConfig(cell="lstn").build(text_spec()), "Did you mean 'lstm'"),
        (lambda: RNNConfig(pooling="men").build(text_spec()), "Did you mean 'mean'"),
        (lambda: RNNConfig(depth=0), "depth, width and embedding_width"),
    ],
)
def test_wrong_settings_are_explained(make, message) -> None:
    with pytest.raises(ConfigError, match=message):
        make()
