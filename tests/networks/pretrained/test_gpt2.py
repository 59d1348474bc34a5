"""GPT-2 from its published form."""

import pytest

from tests.networks.pretrained.made import WORDS, text_difference

transformers = pytest.importorskip("transformers")


@pytest.mark.parametrize("settings", [{}, {"n_inner": 40, "activation_function": "gelu"}])
def test_equal_to_the_reference(tmp_path, settings) -> None:
    config = transformers.GPT2Config(
        n_embd=24,
        n_layer=2,
        n_head=4,
        n_positions=16,
        vocab_size=WORDS,
        bos_token_id=0,
        eos_token_id=0,
        **settings,
    )
    assert text_difference(transformers.GPT2Model(config), tmp_path) < 1e-5
