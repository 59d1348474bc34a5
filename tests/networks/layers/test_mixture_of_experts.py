"""Mixture of experts."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.layers.mixture_of_experts import (
    MixtureOfExpertsConfig,
    auxiliary_losses,
    balance_loss,
)


def test_one_expert_is_a_feed_forward_layer() -> None:
    layer = MixtureOfExpertsConfig(num_experts=1, top_k=1).build(4)
    inputs = torch.randn(3, 5, 4)
    hidden = F.gelu(inputs @ layer.inner[0] + layer.inner_bias[0])
    torch.testing.assert_close(layer(inputs), hidden @ layer.outer[0] + layer.outer_bias[0])


def test_only_the_best_experts_are_used() -> None:
    layer = MixtureOfExpertsConfig(num_experts=4, top_k=1).build(2)
    with torch.no_grad():
        layer.router.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]))
        layer.outer.zero_()
        layer.outer_bias.copy_(torch.arange(4.0).view(4, 1, 1).expand(4, 1, 2))
    inputs = torch.tensor([[5.0, 0.0], [0.0, -5.0]])
    assert layer(inputs).tolist() == [[0.0, 0.0], [3.0, 3.0]]


def test_both_ways_to_compute_agree() -> None:
    layer = MixtureOfExpertsConfig().build(6)
    flat = torch.randn(20, 6)
    gates = torch.rand(20, 8) * (torch.rand(20, 8) > 0.6)
    torch.testing.assert_close(layer._mix_all(flat, gates), layer._mix_chosen(flat, gates))


def test_balance_by_hand() -> None:
    # All alike: 2 · (½ · ½ + ½ · ½) = 1; all to the first, and sure of it: 2 · (1 · 1 + 0) = 2.
    alike = balance_loss(torch.full((2, 2), 0.5), torch.tensor([[0], [1]]))
    alone = balance_loss(torch.tensor([[1.0, 0.0]] * 2), torch.tensor([[0], [0]]))
    assert alike.item() == pytest.approx(1.0)
    assert alone.item() == pytest.approx(2.0)


def test_losses_are_collected_only_inside() -> None:
    layer = MixtureOfExpertsConfig(balance=0.5).build(4)
    with auxiliary_losses() as losses:
        layer(torch.randn(7, 4))
        layer(torch.randn(7, 4))
    layer(torch.randn(7, 4))
    assert len(losses) == 2
    assert all(loss.requires_grad and loss >= 0.4 for loss in losses)


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="top_k must be between 1 and num_experts"):
        MixtureOfExpertsConfig(num_experts=2, top_k=3)
