"""Corrections of low rank."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.core.random import draws
from lamina.networks.layers.lora import LoraConfig, LoraLinear, merged, with_lora

INPUTS = torch.randn(4, 3, 6, generator=torch.Generator().manual_seed(1))


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Sequential(nn.Linear(8, 2, bias=False)))


def trained(config: LoraConfig) -> nn.Module:
    """Return a network whose corrections are no longer zero."""
    module = with_lora(network(), config)
    with torch.no_grad():
        for layer in module.modules():
            if isinstance(layer, LoraLinear):
                layer.up.normal_()
    return module.eval()


def test_nothing_changes_at_first_and_only_corrections_train() -> None:
    before = network()
    module = with_lora(network(), LoraConfig(rank=2))
    torch.testing.assert_close(module(INPUTS), before(INPUTS))
    names = {name for name, p in module.named_parameters() if p.requires_grad}
    assert names == {"0.down", "0.up", "2.0.down", "2.0.up"}


def test_numbers_by_hand() -> None:
    layer = LoraLinear(nn.Linear(2, 1, bias=False), LoraConfig(rank=1, alpha=3.0))
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor([[1.0, 1.0]]))
        layer.down.copy_(torch.tensor([[1.0, -1.0]]))
        layer.up.copy_(torch.tensor([[2.0]]))
    # 5 + 2, and 3 × 2 × (5 - 2)
    assert layer(torch.tensor([[5.0, 2.0]])).item() == 25.0
    # 1 + 3 × 2 × 1 and 1 - 3 × 2 × 1
    assert layer.merged().weight.tolist() == [[7.0, -5.0]]


def test_merged_computes_the_same_with_the_names_of_before() -> None:
    module = trained(LoraConfig(rank=3, alpha=5.0))
    wanted = module(INPUTS)
    plain = merged(module)
    torch.testing.assert_close(plain(INPUTS), wanted, atol=1e-6, rtol=1e-6)
    assert plain.state_dict().keys() == network().state_dict().keys()
    assert all(p.requires_grad for p in plain.parameters())


def test_patterns_choose_layers() -> None:
    module = with_lora(network(), LoraConfig(rank=1, layers=("2.*",)))
    assert isinstance(module[0], nn.Linear)
    assert isinstance(module[2][0], LoraLinear)
    assert not module[0].weight.requires_grad


def test_a_linear_layer_alone_and_rank_0() -> None:
    assert isinstance(with_lora(nn.Linear(2, 2), LoraConfig(rank=1)), LoraLinear)
    assert isinstance(merged(with_lora(nn.Linear(2, 2), LoraConfig(rank=1))), nn.Linear)
    module = with_lora(network(), LoraConfig())
    assert all(p.requires_grad for p in module.parameters())


def test_dropout_acts_on_the_corrections_alone() -> None:
    module = trained(LoraConfig(rank=2, dropout=0.5)).train()
    with draws(1, 1, start=0, batch_size=4):
        first = module(INPUTS)
    assert not torch.allclose(first, module.eval()(INPUTS))
    with torch.no_grad():
        for layer in module.modules():
            if isinstance(layer, LoraLinear):
                layer.up.zero_()
    with draws(1, 1, start=0, batch_size=4):
        torch.testing.assert_close(module.train()(INPUTS), network()(INPUTS))


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(
        ConfigError, match=r"'x\*' fits no linear layer for LoRA. Names look like '0'"
    ):
        with_lora(network(), LoraConfig(rank=1, layers=("x*",)))
    with pytest.raises(ConfigError, match="There is none"):
        with_lora(nn.Tanh(), LoraConfig(rank=1))
    for wrong in ({"rank": -1}, {"alpha": 0.0}, {"layers": ()}, {"dropout": 1.0}):
        with pytest.raises(ConfigError):
            LoraConfig(**wrong)
