"""RoBERTa from its published form."""

import pytest

from tests.networks.pretrained.made import text_difference
from tests.networks.pretrained.test_bert import SMALL

transformers = pytest.importorskip("transformers")


def test_equal_to_the_reference(tmp_path) -> None:
    config = transformers.RobertaConfig(**SMALL, type_vocab_size=1, pad_token_id=1)
    # Its positions are counted from where the padding's number does not stand.
    assert text_difference(transformers.RobertaModel(config), tmp_path, first=2) < 1e-5
