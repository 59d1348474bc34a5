"""The contract of networks: every row keeps it, and a broken network is caught."""

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
import torch
from torch import nn

from lamina.networks.angular import AngularHeadConfig
from lamina.networks.convnext import ConvNeXtConfig
from lamina.networks.layers.activations import ACTIVATIONS
from lamina.networks.layers.feed_forwards import FEED_FORWARDS
from lamina.networks.layers.normalisers import NORMALISERS
from lamina.networks.layers.pooling import POOLINGS
from lamina.networks.layers.recurrent import CELLS
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig
from lamina.networks.residual_mlp import ResidualMLPConfig
from lamina.networks.resnet import ResNetConfig
from lamina.networks.rnn import RNNConfig
from lamina.networks.table import NETWORKS
from lamina.networks.transformer import TransformerConfig
from lamina.networks.vit import ViTConfig
from lamina.testing.check_network import check_network

BLOCKS = TransformerBlocksConfig(depth=2, width=16, num_heads=2)
SMALL = {
    "angular": AngularHeadConfig(width=1),
    "convnext": ConvNeXtConfig(depths=(1, 1), widths=(8, 16)),
    "ngram_bag": NgramBagConfig(num_buckets=1 << 10),
    "resnet": ResNetConfig(depths=(1, 1), width=8),
    "transformer": TransformerConfig(blocks=BLOCKS),
    "vit": ViTConfig(blocks=BLOCKS),
}
"""Where the default is large, a smaller one."""


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_keeps_the_contract(name) -> None:
    check_network(SMALL.get(name) or NETWORKS[name].value())


@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_names_its_source(name) -> None:
    assert NETWORKS[name].source
    assert NETWORKS[name].summary


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_keeps_the_contract(name) -> None:
    check_network(MLPConfig(width=8, activation=name))


@pytest.mark.parametrize("name", NORMALISERS)
def test_every_normaliser_keeps_the_contract(name) -> None:
    check_network(MLPConfig(width=8, normaliser=name, dropout=0.2))
    check_network(TransformerConfig(blocks=replace(BLOCKS, normaliser=name)))


@pytest.mark.parametrize("name", FEED_FORWARDS)
def test_every_feed_forward_layer_keeps_the_contract(name) -> None:
    layer = FEED_FORWARDS[name].value()
    check_network(ResidualMLPConfig(width=8, feed_forward=layer, stochastic_depth=0.3))
    blocks = replace(BLOCKS, feed_forward=layer, stochastic_depth=0.3)
    check_network(TransformerConfig(blocks=blocks))


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("bidirectional", [True, False])
def test_every_cell_keeps_the_contract(name, bidirectional) -> None:
    check_network(
        RNNConfig(cell=name, depth=2, width=8, embedding_width=8, bidirectional=bidirectional)
    )


@pytest.mark.parametrize("name", POOLINGS)
@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_every_pooling_keeps_the_contract(name, positions) -> None:
    check_network(TransformerConfig(blocks=BLOCKS, pooling=name, positions=positions))


def test_bottlenecks_keep_the_contract() -> None:
    check_network(ResNetConfig(depths=(1, 1), width=4, block="bottleneck", stochastic_depth=0.2))


@dataclass(frozen=True, kw_only=True)
class _BrokenConfig(AbstractEncoderConfig):
    kinds: ClassVar[tuple[str, ...]] = ("category",)
    fault: str

    def build(self, spec):
        return _Broken(self.fault)


class _Broken(AbstractEncoder):
    def __init__(self, fault) -> None:
        super().__init__()
        self.fault, self.out_features, self.calls = fault, 3, 0
        self.weight = nn.Parameter(torch.ones(3))
        self.unused = nn.Parameter(torch.ones(3)) if fault == "gradient" else None

    def forward(self, inputs):
        self.calls += 1
        numbers = inputs.float() * self.weight
        if self.fault == "chance":
            return numbers + self.calls
        if self.fault == "masks" and self.training:
            return numbers * torch.linspace(1, 2, len(numbers))[:, None]
        if self.fault == "batch":
            return numbers - numbers.mean(dim=0)
        if self.fault == "nan":
            return numbers / 0.0
        return numbers


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("gradient", "no gradient reaches encoders.0.unused"),
        ("chance", "two passes in eval mode differ"),
        ("masks", "a split batch draws other masks"),
        ("batch", "a batch of one answers otherwise"),
        ("nan", "outputs are not finite"),
    ],
)
def test_a_broken_network_is_caught(fault, message) -> None:
    with pytest.raises(AssertionError, match=message):
        check_network(_BrokenConfig(fault=fault))


def test_a_sound_network_passes() -> None:
    check_network(_BrokenConfig(fault="none"))
