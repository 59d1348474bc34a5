"""The trunk that cuts features into members."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.committee import CommitteeConfig


def test_each_member_has_its_own_features() -> None:
    trunk = CommitteeConfig(num_members=2).build(6)
    members = trunk(torch.arange(6.0).unsqueeze(0))
    assert members.tolist() == [[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]]
    assert (trunk.num_members, trunk.out_features) == (2, 3)


def test_each_member_has_its_part_of_every_encoder() -> None:
    trunk = CommitteeConfig(num_members=2).build(6, ((1, 1), (2, 2)))
    members = trunk(torch.arange(6.0).unsqueeze(0))
    assert members.tolist() == [[[0.0, 2.0, 3.0], [1.0, 4.0, 5.0]]]


@pytest.mark.parametrize(
    ("blocks", "wanted"),
    [
        ((), 1),
        (((6,),), 1),
        (((2, 2, 2),), 3),
        (((2, 2), (1, 1)), 2),
        (((2, 2), (2,)), 1),
        (((2, 3, 1),), 1),
    ],
)
def test_without_a_number_there_is_one_member_per_reader(blocks, wanted) -> None:
    assert CommitteeConfig().build(6, blocks).num_members == wanted


def test_one_member_is_no_dimension_of_its_own() -> None:
    assert CommitteeConfig(num_members=1).build(4)(torch.zeros(5, 4)).shape == (5, 4)


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="num_members must be at least 1"):
        CommitteeConfig(num_members=0)
    with pytest.raises(ConfigError, match="the 7 features of an encoder cannot be cut into 2"):
        CommitteeConfig(num_members=2).build(7)
