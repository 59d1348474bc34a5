"""Categories."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.hints import Hint, parameter_hints
from tests.networks.specs import categories, category_spec


def test_few_categories_by_hand() -> None:
    # Two categories: -1 or +1; three: one-hot; the id 0: zeros.
    encoder = CategoryEmbeddingConfig().build(category_spec((3, 4)))
    assert encoder.blocks() == (1, 3)
    features = encoder(torch.tensor([[1, 3], [2, 1], [0, 0]]))
    assert features.tolist() == [[-1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0]]


def test_many_categories_are_embedded_behind_the_few() -> None:
    encoder = CategoryEmbeddingConfig(width=5).build(category_spec((30, 3, 20)))
    assert encoder.blocks() == (1, 5, 5)
    features = encoder(torch.tensor([[7, 2, 3]]))
    table = encoder.embedding.weight
    assert features[0].tolist() == [1.0, *table[7].tolist(), *table[30 + 3].tolist()]


def test_the_unknown_begins_at_zero_and_learns() -> None:
    encoder = CategoryEmbeddingConfig().build(category_spec((30, 20)))
    features = encoder(torch.zeros(2, 2, dtype=torch.int64))
    assert not features.any()
    features.sum().backward()
    assert encoder.embedding.weight.grad[0].any()
    assert encoder.embedding.weight.grad[30].any()


def test_a_column_without_categories_gives_zeros() -> None:
    encoder = CategoryEmbeddingConfig().build(category_spec((1, 3)))
    assert encoder(torch.tensor([[0, 1]])).tolist() == [[0.0, -1.0]]


@pytest.mark.parametrize("sizes", [(3, 4), (4, 5), (1, 3), (30, 3, 20, 2)])
def test_an_exported_encoder_gives_the_same(sizes) -> None:
    spec = category_spec(sizes)
    encoder = CategoryEmbeddingConfig().build(spec)
    ids = categories(spec, 9)
    ids[0] = 0
    program = torch.export.export(encoder, (ids,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    assert torch.equal(program.module()(ids), encoder(ids))
    # What is few needs no tables and no writing into places.
    assert not any("scatter" in str(node.target) for node in program.graph.nodes)


def test_out_features_agree() -> None:
    spec = category_spec((2, 3, 10, 11, 300))
    encoder = CategoryEmbeddingConfig().build(spec)
    assert encoder(categories(spec, 4)).shape == (4, encoder.out_features)
    assert parameter_hints(encoder) == {"embedding.weight": Hint(matrix=False)}


def test_a_wrong_width_is_explained() -> None:
    with pytest.raises(ConfigError, match="width must be at least 1"):
        CategoryEmbeddingConfig(width=0)
