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
from typing import ClassVar, cast, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
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
    num_members: int = 1
    """Convolutional readers, each beside the same bag; they differ by their first weights."""
    silence: float = 0.2
    """Share of the texts for which either the bag or the convolutions are silent while training,
    in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("silence", self.silence)
        if self.num_members < 1:
            raise ConfigError(f"num_members must be at least 1, got {self.num_members!r}. Try 2.")

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
        self.convolutions = nn.ModuleList(
            config.convolution.build(spec) for _ in range(config.num_members)
        )
        self.silence = config.silence
        widths = [cast(AbstractEncoder, reader).out_features for reader in self.convolutions]
        self.out_features = config.num_members * self.bag.out_features + sum(widths)

    @override
    def blocks(self) -> tuple[int, ...]:
        num_members = len(self.convolutions)
        return (self.out_features // num_members,) * num_members

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        bag = self.bag(inputs)
        members = [
            part for reader in self.convolutions for part in self._heard(bag, reader(inputs))
        ]
        return torch.cat(members, dim=1)

    def _heard(self, bag: Tensor, found: Tensor) -> tuple[Tensor, Tensor]:
        """Return both, while training without what is silent."""
        if not self.training or self.silence == 0.0:
            return bag, found
        draw = keyed_uniform((len(bag), 1), bag.device)
        has_bag, has_found = draw >= self.silence / 2, draw < 1.0 - self.silence / 2
        return bag * has_bag, found * has_found

    @override
    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        self.bag.initialise(inputs, targets)
