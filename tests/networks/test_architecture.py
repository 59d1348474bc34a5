"""What every whole network offers."""

from dataclasses import dataclass

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.architecture import AbstractModel, AbstractModelConfig


class Plain(AbstractModel):
    """Its inputs are its features."""

    def features(self, inputs):
        return inputs["x"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainConfig(AbstractModelConfig):
    """Two settings."""

    width: int = 3
    sizes: tuple[int, ...] = (1, 2)

    def build(self, inputs, outputs):
        return Plain()


def test_a_network_must_say_what_its_features_are() -> None:
    with pytest.raises(TypeError, match="features"):
        AbstractModel()


def test_a_network_has_one_member_and_nothing_to_set_from_data() -> None:
    model = Plain()
    assert model.num_members == 1
    assert model.vectors() == {}
    assert model.decoding() == {}
    model.initialise({"x": torch.zeros(2, 3)}, {})


def test_the_fields_of_a_config_are_its_document() -> None:
    config = PlainConfig(sizes=(4,))
    assert config.to_document() == {"width": 3, "sizes": [4]}
    assert PlainConfig.from_document({"sizes": [4]}) == config
    with pytest.raises(ConfigError, match=r"network.*'widht'.*Did you mean 'width'"):
        PlainConfig.from_document({"widht": 3})
