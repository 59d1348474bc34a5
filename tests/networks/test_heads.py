"""Heads."""

import pytest
import torch

from lamina.networks.heads import (
    DiagonalHeadConfig,
    LinearHeadConfig,
    ScaledHeadConfig,
    ZeroHeadConfig,
)
from lamina.networks.hints import parameter_hints

CONFIGS = [DiagonalHeadConfig(), LinearHeadConfig(), ScaledHeadConfig(), ZeroHeadConfig()]


@pytest.mark.parametrize("config", CONFIGS)
def test_members_have_weights_of_their_own(config) -> None:
    head = config.build(5, 3, num_members=4)
    features = torch.randn(2, 4, 5)
    outputs = head(features)
    assert outputs.shape == (2, 4, 3)
    # Changing what member 0 sees changes member 0 alone.
    changed = features.clone()
    changed[:, 0] += 1.0
    assert torch.equal(head(changed)[:, 1:], outputs[:, 1:])


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("members", [1, 4])
def test_no_weight_of_a_head_is_a_matrix_for_muon(config, members) -> None:
    head = config.build(5, 3, num_members=members)
    for name, hint in parameter_hints(head).items():
        assert hint.matrix is False or "bias" in name


def test_a_linear_head_is_torchs_linear_layer() -> None:
    head = LinearHeadConfig().build(5, 3, num_members=1)
    reference = torch.nn.Linear(5, 3)
    reference.load_state_dict(head.state_dict())
    features = torch.randn(4, 5)
    assert torch.equal(head(features), reference(features))
    assert float(head.weight.detach().abs().max()) <= 5**-0.5


def test_a_zero_head_answers_zero() -> None:
    assert not ZeroHeadConfig().build(5, 3, num_members=2)(torch.randn(4, 2, 5)).any()


@pytest.mark.parametrize("members", [1, 2])
def test_a_diagonal_head_answers_with_the_first_features(members) -> None:
    head = DiagonalHeadConfig().build(5, 3, num_members=members)
    features = torch.randn(4, 5) if members == 1 else torch.randn(4, members, 5)
    assert torch.equal(head(features), features[..., :3])


def test_a_scaled_head_has_unit_weights_and_small_answers() -> None:
    head = ScaledHeadConfig().build(1000, 10, num_members=1)
    assert abs(float(head.weight.detach().std()) - 1.0) < 0.05
    features = torch.ones(1, 1000)
    wanted = head.weight.detach().sum(dim=1) / 1000
    torch.testing.assert_close(head(features)[0], wanted, rtol=1e-4, atol=1e-6)
