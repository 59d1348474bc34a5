"""BERT; its parity is tested in pretrained/test_bert.py."""

import torch

from lamina.networks.bert import BertConfig
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import text_spec

CONFIG = BertConfig(blocks=ClassicBlocksConfig(depth=2, width=16, num_heads=2), max_length=8)


def test_keeps_the_contract() -> None:
    check_network(CONFIG)


def test_layers_hold_every_parameter_in_order() -> None:
    network = CONFIG.build(text_spec())
    layers = network.layers_in_order()
    assert len(layers) == 3
    assert layers[0] is network.embeddings
    held = [p for layer in layers for p in layer.parameters()]
    assert {id(p) for p in held} == {id(p) for p in network.parameters()}


def test_the_order_of_words_matters() -> None:
    torch.manual_seed(0)
    network = CONFIG.build(text_spec()).eval()
    first, second = network(torch.tensor([[3, 4, 5]])), network(torch.tensor([[5, 3, 4]]))
    assert (first - second).abs().max() > 1e-3
