"""Two readers of one text side by side: a bag of n-grams and convolutions.

The bag knows at once which sequences of words speak for which class; the convolutions learn slowly
what words mean and understand new combinations. Their features are joined, the bag's first, so that
the head "diagonal" begins with the bag's answer and adds what the convolutions find. While
training, one of them is silent now and then, so that each learns to answer alone: on average this
is the joint loss plus a share of the loss of each.

Source: Neverova et al. 2015, "ModDrop", arXiv:1501.00102 (silent parts); Wang and Manning 2012;
Kim 2014, arXiv:1408.5882. Differs: two readers of one input instead of several inputs.
"""

from dataclasses import dataclass, field
from typing import ClassVar, final

import torch
from torch import Tensor
from typing_extensions import override

from lamina.core.random import keyed_uniform
from lamina.core.records import InputSpec
from lamina.networks.layers.dropout import check_rate
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig
from lamina.networks.text_cnn import TextCNNConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class TextJointConfig(AbstractEncoderConfig):
    """Settings of a bag of n-grams beside convolutions."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    bag: NgramBagConfig = field(default_factory=NgramBagConfig)
    """The bag of n-grams."""
    convolution: TextCNNConfig = field(default_factory=TextCNNConfig)
    """The convolutions."""
    silence: float = 0.375
    """Share of the texts for which one of the two is silent while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("silence", self.silence)

    @override
    def build(self, spec: InputSpec) -> "TextJoint":
        return TextJoint(self, spec)


@final
class TextJoint(AbstractEncoder):
    """Bag and convolutions, token ids [batch, length] → [batch, features of both].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1501.00102. Differs: see the head of the file.
    """

    def __init__(self, config: TextJointConfig, spec: InputSpec) -> None:
        super().__init__()
        self.bag = config.bag.build(spec)
        self.convolution = config.convolution.build(spec)
        self.silence = config.silence
        self.out_features = self.bag.out_features + self.convolution.out_features

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        bag, found = self.bag(inputs), self.convolution(inputs)
        if self.training and self.silence > 0.0:
            draw = keyed_uniform((len(inputs), 1), inputs.device)
            bag = bag * (draw >= self.silence / 2)
            found = found * (draw < 1.0 - self.silence / 2)
        return torch.cat((bag, found), dim=1)

    @override
    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        self.bag.initialise(inputs, targets)
