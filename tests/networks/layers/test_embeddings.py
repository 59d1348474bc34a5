"""Embeddings of tokens and positions."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.embeddings import (
    LearnedPositions,
    Rotary,
    grid_positions,
    token_embedding,
)


def test_padding_is_zero_and_stays_so() -> None:
    embedding = token_embedding(5, 3)
    vectors = embedding(torch.tensor([[0, 2]]))
    assert not vectors[0, 0].any()
    vectors.sum().backward()
    assert not embedding.weight.grad[0].any()


def test_products_of_rotated_vectors_depend_on_their_distance_only() -> None:
    rotary = Rotary(8)
    query, key = torch.randn(8), torch.randn(8)
    queries = rotary(query.expand(1, 1, 10, 8))[0, 0]
    keys = rotary(key.expand(1, 1, 10, 8))[0, 0]
    torch.testing.assert_close(queries[2] @ keys[5], queries[6] @ keys[9], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(queries.norm(dim=1), query.norm().expand(10))


def test_rotation_by_hand() -> None:
    # Two features turn by the angle of their place: (1, 0) at place 1 is (cos 1, sin 1).
    turned = Rotary(2)(torch.tensor([1.0, 0.0]).expand(1, 1, 2, 2))[0, 0]
    wanted = torch.tensor([[1.0, 0.0], [0.5403023, 0.8414710]])
    torch.testing.assert_close(turned, wanted)


def test_an_odd_width_is_refused() -> None:
    with pytest.raises(ConfigError, match="even number of features"):
        Rotary(3)


def test_positions_beyond_the_last_use_the_last() -> None:
    positions = LearnedPositions(2, 3)
    added = positions(torch.zeros(1, 4, 3))[0]
    assert torch.equal(added[1], added[3])
    assert not torch.equal(added[0], added[1])


def test_every_place_of_a_grid_is_its_own() -> None:
    places = grid_positions(5, 7, 16)
    assert places.shape == (35, 16)
    assert torch.cdist(places, places).add(torch.eye(35)).min() > 0.01
    with pytest.raises(ConfigError, match="multiple of 4"):
        grid_positions(2, 2, 6)
