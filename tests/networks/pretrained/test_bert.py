"""BERT from its published form."""

import pytest

from tests.networks.pretrained.made import WORDS, text_difference

transformers = pytest.importorskip("transformers")
SMALL = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "max_position_embeddings": 16,
    "vocab_size": WORDS,
}


@pytest.mark.parametrize("settings", [{}, {"hidden_act": "gelu_new", "layer_norm_eps": 1e-5}])
def test_equal_to_the_reference(tmp_path, settings) -> None:
    model = transformers.BertModel(transformers.BertConfig(**SMALL, **settings))
    assert text_difference(model, tmp_path) < 1e-5
