"""ResNet from its published form."""

import pytest

from lamina.core.errors import BundleError
from lamina.networks.pretrained.load import pretrained_encoder
from tests.networks.pretrained.made import picture_difference

transformers = pytest.importorskip("transformers")


@pytest.mark.parametrize(("block", "factor"), [("bottleneck", 4), ("basic", 1)])
def test_equal_to_the_reference(tmp_path, block, factor) -> None:
    config = transformers.ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8 * factor, 16 * factor],
        depths=[2, 1],
        layer_type=block,
    )
    model = transformers.ResNetModel(config)
    difference = picture_difference(model, tmp_path, lambda o: o.pooler_output.flatten(1))
    assert difference < 1e-5


def test_stages_that_do_not_double_are_refused(tmp_path) -> None:
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[32, 65], depths=[1, 1])
    config.save_pretrained(tmp_path)
    with pytest.raises(BundleError, match=r"they would be \(32, 64\)"):
        pretrained_encoder(tmp_path)
