"""Groups by hints, by patterns, and without what is frozen."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint
from lamina.networks.layers.ensemble_linear import EnsembleLinear
from lamina.networks.layers.mixture_of_experts import MixtureOfExpertsConfig
from lamina.networks.tabular import NTKHeadConfig
from lamina.training.groups import parameter_groups
from tests.training.tiny import TinyNet


class Hinted(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3, 3))
        self.scale = nn.Parameter(torch.ones(3, 3))

    def parameter_hints(self):
        return {"scale": Hint(rate=6.0, decay=0.0, matrix=False)}


def by_name(groups):
    return {name: group for group in groups for name in group.names}


def test_biases_do_not_decay_and_weights_are_matrices():
    found = by_name(parameter_groups(TinyNet()))
    assert set(found) == {"body.0.weight", "body.0.bias", "head.weight", "head.bias"}
    assert (found["head.weight"].decay, found["head.weight"].matrix) == (1, True)
    assert (found["head.bias"].decay, found["head.bias"].matrix) == (0, False)


def test_hints_count():
    found = by_name(parameter_groups(nn.Sequential(Hinted())))
    scale, weight = found["0.scale"], found["0.weight"]
    assert (scale.rate, scale.decay, scale.matrix) == (6, 0, False)
    assert (weight.rate, weight.decay, weight.matrix) == (1, 1, True)


def test_patterns_multiply_rates_and_the_last_counts():
    found = by_name(parameter_groups(TinyNet(), rates={"body.*": 0.1, "*.bias": 0.5}))
    assert found["body.0.weight"].rate == 0.1
    assert found["body.0.bias"].rate == 0.5
    assert found["head.weight"].rate == 1


def test_frozen_parameters_are_left_out():
    model = TinyNet()
    model.body.requires_grad_(False)
    assert set(by_name(parameter_groups(model))) == {"head.weight", "head.bias"}
    model.requires_grad_(False)
    with pytest.raises(ConfigError, match="Unfreeze"):
        parameter_groups(model)


def test_a_pattern_that_fits_nothing_is_told():
    with pytest.raises(ConfigError, match=r"'encoder\.\*' fits no parameter"):
        parameter_groups(TinyNet(), rates={"encoder.*": 0.1})


@pytest.mark.parametrize(
    "make",
    [
        lambda: EnsembleLinear(4, 3, num_members=2),
        lambda: NTKHeadConfig().build(4, 3, num_members=2),
        lambda: MixtureOfExpertsConfig(num_experts=3).build(4),
    ],
)
def test_stacks_of_several_members_or_experts_are_no_matrices(make):
    assert not any(group.matrix for group in parameter_groups(make()))
