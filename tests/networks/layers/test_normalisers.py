"""Normalisers."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.networks.layers.normalisers import (
    NORMALISERS,
    BatchNorm,
    GroupNorm,
    PictureBatchNorm,
    RMSNorm,
    normaliser,
    num_groups,
)


@pytest.mark.parametrize("name", NORMALISERS)
@pytest.mark.parametrize("shape", [(4, 16), (4, 3, 16)])
def test_shapes_stay(name, shape) -> None:
    assert normaliser(name, 16)(torch.randn(shape)).shape == shape


def test_parity_with_torch() -> None:
    sequence = torch.randn(4, 3, 16) * 3 + 1
    rows = sequence.flatten(0, 1)
    torch.testing.assert_close(RMSNorm(16)(sequence), nn.RMSNorm(16, eps=1e-6)(sequence))
    torch.testing.assert_close(BatchNorm(16)(sequence).flatten(0, 1), nn.BatchNorm1d(16)(rows))
    torch.testing.assert_close(GroupNorm(16)(rows), nn.GroupNorm(4, 16)(rows))


def test_root_mean_square_by_hand() -> None:
    # √((9 + 16) / 2) = √12.5
    wanted = torch.tensor([3.0, 4.0]) / 12.5**0.5
    torch.testing.assert_close(RMSNorm(2)(torch.tensor([3.0, 4.0])), wanted)


@pytest.mark.parametrize(("features", "groups"), [(256, 32), (16, 4), (6, 1), (7, 1), (1, 1)])
def test_groups_have_four_features_or_are_one(features, groups) -> None:
    assert num_groups(features) == groups


def test_an_unknown_name_is_explained() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'layer'"):
        normaliser("layre", 4)


@pytest.mark.parametrize(
    ("norm", "one"),
    [(BatchNorm(4), torch.randn(1, 4)), (PictureBatchNorm(4), torch.randn(1, 4, 1, 1))],
)
def test_a_single_row_is_normalised_by_the_running_statistics(norm, one) -> None:
    before = {name: value.clone() for name, value in norm.state_dict().items()}
    trained = norm.train()(one)
    torch.testing.assert_close(trained, norm.eval()(one))
    assert all(torch.equal(value, before[name]) for name, value in norm.state_dict().items())


def test_pictures_are_normalised_as_by_torch() -> None:
    pictures = torch.randn(2, 4, 3, 3)
    torch.testing.assert_close(PictureBatchNorm(4)(pictures), nn.BatchNorm2d(4)(pictures))
