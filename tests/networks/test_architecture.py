"""What every whole network offers."""

import torch

from lamina.networks.architecture import AbstractModel


def test_a_network_has_one_member_and_nothing_to_set_from_data() -> None:
    model = AbstractModel()
    assert model.num_members == 1
    assert model.vectors() == {}
    model.initialise({"x": torch.zeros(2, 3)}, {})
