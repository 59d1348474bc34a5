"""TabM-mini."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.tabm import TabMConfig


def test_each_member_is_the_shared_network_of_its_scaled_features() -> None:
    trunk = TabMConfig(members=3, depth=2, width=8, dropout=0.0).build(4)
    features = torch.randn(5, 4)
    outputs = trunk(features)
    assert outputs.shape == (5, 3, 8)
    for member in range(3):
        torch.testing.assert_close(outputs[:, member], trunk.shared(features * trunk.scale[member]))


def test_numbers_by_hand() -> None:
    trunk = TabMConfig(members=2, depth=1, width=1, dropout=0.0).build(2)
    with torch.no_grad():
        trunk.scale.copy_(torch.tensor([[1.0, -1.0], [2.0, 0.5]]))
        trunk.shared.layers[0].weight.copy_(torch.tensor([[1.0, 2.0]]))
        trunk.shared.layers[0].bias.fill_(5.0)
    # Member 0: 3·1 + 4·-1·2 + 5 = 0; member 1: 3·2 + 4·0.5·2 + 5 = 15.
    assert trunk(torch.tensor([[3.0, 4.0]])).flatten().tolist() == [0.0, 15.0]


def test_a_column_has_one_scale_per_member() -> None:
    trunk = TabMConfig(members=4).build(5, ((2, 3),))
    scale = trunk.scale.detach()
    assert torch.equal(scale[:, 0], scale[:, 1])
    assert torch.equal(scale[:, 2], scale[:, 4])
    assert not torch.equal(scale[:, 0], scale[:, 2])


def test_signs_are_plus_and_minus_one() -> None:
    scale = TabMConfig(members=8, scaling="signs").build(20).scale.detach()
    assert set(scale.unique().tolist()) == {-1.0, 1.0}


def test_one_member_is_refused() -> None:
    with pytest.raises(ConfigError, match="Use 'mlp' for one network"):
        TabMConfig(members=1)
