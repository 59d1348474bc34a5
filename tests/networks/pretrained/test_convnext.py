"""ConvNeXt from its published form."""

import pytest

from tests.networks.pretrained.made import picture_difference

transformers = pytest.importorskip("transformers")


def test_equal_to_the_reference(tmp_path) -> None:
    config = transformers.ConvNextConfig(hidden_sizes=[8, 12], depths=[2, 1], num_stages=2)
    model = transformers.ConvNextModel(config)
    assert picture_difference(model, tmp_path, lambda o: o.pooler_output) < 1e-5
