"""RealMLP's trunk and head."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint, parameter_hints
from lamina.networks.tabular import NTKHeadConfig, NTKLinear, ParametricActivation, TabularConfig


def test_a_layer_divides_by_the_root_of_its_width() -> None:
    layer = NTKLinear(4, 1, 0.1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
        layer.bias.fill_(0.5)
    # (1 + 2 + 3 + 4) / √4 + 0.5
    assert layer(torch.ones(1, 4)).item() == pytest.approx(5.5)


def test_initialising_gives_every_unit_deviation_one_and_a_kink_among_the_samples() -> None:
    trunk = TabularConfig(depth=2, width=16, dropout=0.0).build(3)
    features = torch.randn(500, 3) * torch.tensor([1.0, 5.0, 0.2])
    with torch.no_grad():
        trunk.initialise(features, {})
        outputs = features * trunk.scale
        for layer, function in zip(trunk.layers, trunk.activations):
            before = layer(outputs)
            deviation = before.std(dim=0, correction=0)
            torch.testing.assert_close(deviation, torch.ones(16), rtol=1e-3, atol=1e-3)
            assert ((before > 0).any(dim=0) & (before < 0).any(dim=0)).all()
            outputs = function(before)


def test_a_constant_feature_stays_finite() -> None:
    trunk = TabularConfig(depth=1, width=4).build(2)
    with torch.no_grad():
        trunk.initialise(torch.zeros(10, 2), {})
        assert trunk(torch.zeros(1, 2)).isfinite().all()


def test_the_activation_learns_how_far_to_be_linear() -> None:
    layer = ParametricActivation("relu", 2, 0.1)
    numbers = torch.tensor([[-2.0, -2.0]])
    assert torch.equal(layer(numbers), F.relu(numbers))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.0, 0.5]))
    # x + w (0 - x): -2 for w = 0, -1 for w = 0.5.
    assert layer(numbers).tolist() == [[-2.0, -1.0]]


def test_hints_are_those_of_the_paper() -> None:
    hints = parameter_hints(TabularConfig(depth=1, width=4).build(2))
    assert hints == {
        "scale": Hint(rate=6.0, decay=0.0),
        "layers.0.weight": Hint(),
        "layers.0.bias": Hint(rate=0.1, decay=0.0),
        "activations.0.weight": Hint(rate=0.1, decay=0.0),
    }


@pytest.mark.parametrize("members", [1, 2])
def test_the_head_begins_at_zero(members) -> None:
    head = NTKHeadConfig().build(4, 3, num_members=members)
    features = torch.ones(5, 4) if members == 1 else torch.ones(5, members, 4)
    assert not head(features).any()
    with torch.no_grad():
        head.weight.fill_(1.0)
    # 4 · 1 / √4
    assert head(features).eq(2.0).all()


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="Use the trunk 'perceptron'"):
        TabularConfig(width=0)
