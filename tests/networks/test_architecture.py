"""What every whole network offers."""

import pytest
import torch

from lamina.networks.architecture import AbstractModel


class Plain(AbstractModel):
    """Its inputs are its features."""

    def features(self, inputs):
        return inputs["x"]


def test_a_network_must_say_what_its_features_are() -> None:
    with pytest.raises(TypeError, match="features"):
        AbstractModel()


def test_a_network_has_one_member_and_nothing_to_set_from_data() -> None:
    model = Plain()
    assert model.num_members == 1
    assert model.vectors() == {}
    assert model.decoding() == {}
    model.initialise({"x": torch.zeros(2, 3)}, {})
