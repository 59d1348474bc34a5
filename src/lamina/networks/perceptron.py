"""No trunk: the features go straight to the heads, which makes a linear model of them.

With the number and category encoders this is the multinomial logistic or linear regression.

Source: Rosenblatt 1958, "The perceptron". Differs: trained through whatever objective is chosen.
"""

from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from lamina.networks.parts import AbstractTrunk, AbstractTrunkConfig, Blocks


@dataclass(frozen=True, kw_only=True, slots=True)
class PerceptronConfig(AbstractTrunkConfig):
    """Settings of the empty trunk; there are none."""

    @override
    def build(self, in_features: int, blocks: Blocks = ()) -> "Perceptron":
        return Perceptron(in_features)


@final
class Perceptron(AbstractTrunk):
    """The identity.

    Args:
        in_features: Width of the features.

    Source:
        Rosenblatt 1958.
    """

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.out_features = in_features

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return inputs
