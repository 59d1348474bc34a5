"""DistilBERT from its published form."""

import pytest

from tests.networks.pretrained.made import WORDS, text_difference

transformers = pytest.importorskip("transformers")


def test_equal_to_the_reference(tmp_path) -> None:
    config = transformers.DistilBertConfig(
        dim=24, n_layers=2, n_heads=4, hidden_dim=40, max_position_embeddings=16, vocab_size=WORDS
    )
    assert text_difference(transformers.DistilBertModel(config), tmp_path) < 1e-5
