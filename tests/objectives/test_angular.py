"""Losses for embeddings."""

import math

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.objectives.angular import (
    AngularMarginConfig,
    TripletCenterConfig,
    angular_margin,
    triplet_center,
)


def test_without_a_margin_it_is_the_cross_entropy_of_scaled_cosines() -> None:
    torch.manual_seed(0)
    cosines, target = 2 * torch.rand(5, 4) - 1, torch.tensor([0, 3, 1, 2, 2])
    wanted = torch.nn.functional.cross_entropy(8 * cosines, target, reduction="none")
    torch.testing.assert_close(angular_margin(cosines, target, scale=8.0, margin=0.0), wanted)


def test_the_angle_to_the_own_centre_grows_by_the_margin() -> None:
    angle, other = 0.7, 0.2
    cosines = torch.tensor([[math.cos(angle), other]])
    found = angular_margin(cosines, torch.tensor([0]), scale=4.0, margin=0.5)
    wanted = math.log1p(math.exp(4 * other - 4 * math.cos(angle + 0.5)))
    assert found.item() == pytest.approx(wanted, rel=1e-5)


def test_the_cosine_margin_is_taken_off() -> None:
    found = angular_margin(
        torch.tensor([[0.5, 0.1]]), torch.tensor([0]), scale=2.0, margin=0.0, cosine_margin=0.2
    )
    assert found.item() == pytest.approx(math.log1p(math.exp(0.2 - 0.6)), rel=1e-5)


def test_the_loss_falls_all_the_way_from_the_opposite_to_the_centre() -> None:
    cosines = torch.linspace(-1, 1, 201)
    outputs = torch.stack([cosines, torch.zeros(201)], dim=1).requires_grad_()
    found = angular_margin(outputs, torch.zeros(201, dtype=torch.int64), margin=0.5)
    assert (found.diff() < 0).all()
    found.sum().backward()
    assert outputs.grad.isfinite().all()


def test_the_hinge_is_worked_out_by_hand() -> None:
    cosines = torch.tensor([[0.9, 0.4, 0.7], [0.1, 0.8, -0.5]])
    found = triplet_center(cosines, torch.tensor([0, 0]), margin=0.3)
    torch.testing.assert_close(found, torch.tensor([0.1, 1.0]))


def test_each_sample_has_its_own_loss() -> None:
    torch.manual_seed(0)
    cosines, target = 2 * torch.rand(6, 4) - 1, torch.arange(6) % 4
    for config in (AngularMarginConfig(), TripletCenterConfig()):
        whole = config.build()(cosines, target)
        torch.testing.assert_close(config.build()(cosines[2:4], target[2:4]), whole[2:4])


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (AngularMarginConfig, {"scale": 0.0}),
        (AngularMarginConfig, {"margin": 2.0}),
        (AngularMarginConfig, {"cosine_margin": 1.0}),
        (TripletCenterConfig, {"margin": 0.0}),
    ],
)
def test_wrong_settings_are_explained(kind, wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        kind(**wrong)
