"""GPT-2; its parity is tested in pretrained/test_gpt2.py."""

import torch

from lamina.networks.gpt2 import GPT2Config
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import text_spec

CONFIG = GPT2Config(blocks=ClassicBlocksConfig(depth=2, width=16, num_heads=2), max_length=8)


def test_keeps_the_contract() -> None:
    check_network(CONFIG)


def test_a_position_sees_those_before_it_only() -> None:
    network = CONFIG.build(text_spec()).eval()
    one, other = torch.tensor([[3, 4, 5, 6]]), torch.tensor([[3, 4, 9, 9]])
    first, second = network.states(one), network.states(other)
    torch.testing.assert_close(first[:, :2], second[:, :2])
    assert not torch.allclose(first[:, 2:], second[:, 2:])
    assert len(network.layers_in_order()) == 4
