"""RealMLP's trunk: a multi-layer perceptron made for tables.

A learned scale per input feature; linear layers in neural-tangent parametrisation, W x / √width + b
with W of unit variance; activations that learn how far to be linear, x + w (f(x) - x); weights
scaled on training data so that pre-activations have deviation 1, and biases set so that the kinks
of the units lie among the samples. Goes with rates around 0.04 (Adam) and the head "ntk".

Source: Holzmüller, Grinsztajn and Steinwart 2024, "Better by default: strong pre-tuned MLPs and
boosted trees on tabular data", arXiv:2407.04491 (RealMLP-TD).
"""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint
from lamina.networks.layers.activations import activation
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.parts import (
    AbstractHead,
    AbstractHeadConfig,
    AbstractTrunk,
    AbstractTrunkConfig,
    Blocks,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TabularConfig(AbstractTrunkConfig):
    """Settings of RealMLP's trunk."""

    depth: int = 3
    """Hidden layers."""
    width: int = 256
    """Units in each hidden layer."""
    activation: str = "selu"
    """Name in the table of activations; RealMLP takes selu for classes and mish for numbers."""
    dropout: float = 0.15
    """Share of activations dropped while training, in [0, 1)."""
    scale_rate: float = 6.0
    """Factor on the learning rate of the feature scales."""
    bias_rate: float = 0.1
    """Factor on the learning rate of biases and of the activations' weights."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if self.depth < 1 or self.width < 1:
            raise ConfigError(
                f"depth and width must be at least 1, got {self.depth!r} and {self.width!r}. "
                "Use the trunk 'perceptron' for no hidden layer."
            )

    @override
    def build(self, in_features: int, blocks: Blocks = ()) -> "Tabular":
        return Tabular(self, in_features)


@final
class Tabular(AbstractTrunk):
    """Scaled, NTK-parametrised perceptron, [batch, in_features] → [batch, width].

    Args:
        config: Its settings.
        in_features: Width of the features.

    Source:
        arXiv:2407.04491, section 3 and appendix A. Differs: rates of dropout and decay are
        constant unless the training changes them.
    """

    def __init__(self, config: TabularConfig, in_features: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(in_features))
        layers = []
        for layer in range(config.depth):
            layers.append(
                NTKLinear(config.width if layer else in_features, config.width, config.bias_rate)
            )
        self.layers = nn.ModuleList(layers)
        self.activations = nn.ModuleList(
            ParametricActivation(config.activation, config.width, config.bias_rate)
            for _ in range(config.depth)
        )
        self.dropout = Dropout(config.dropout)
        self.out_features = config.width
        self._scale_rate = config.scale_rate

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs = inputs * self.scale
        for layer, function in zip(self.layers, self.activations):
            outputs = self.dropout(function(layer(outputs)))
        return outputs

    @override
    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        outputs = inputs * self.scale
        for layer, function in zip(self.layers, self.activations):
            assert isinstance(layer, NTKLinear)
            layer.fit(outputs)
            outputs = function(layer(outputs))

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"scale": Hint(rate=self._scale_rate, decay=0.0)}


@final
class NTKLinear(nn.Module):
    """W x / √in_features + b, W of unit variance.

    Args:
        in_features: Width of the input.
        out_features: Width of the output.
        bias_rate: Factor on the learning rate of the bias.

    Source:
        Jacot et al. 2018, arXiv:1806.07572 (parametrisation); arXiv:2407.04491, "he+5" (biases).
    """

    def __init__(self, in_features: int, out_features: int, bias_rate: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features))
        self.bias = nn.Parameter(torch.randn(out_features))
        self._factor = 1.0 / math.sqrt(in_features)
        self._bias_rate = bias_rate

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return F.linear(inputs * self._factor, self.weight, self.bias)

    def fit(self, inputs: Tensor, *, num_points: int = 5) -> None:
        """Scale pre-activations to deviation 1 and put the kinks among the samples.

        A unit's bias is minus a random mean of its pre-activations at some samples.

        Args:
            inputs: Inputs of the layer on training samples, [batch, in_features].
            num_points: Samples in each mean.
        """
        before = F.linear(inputs * self._factor, self.weight)
        deviation = before.std(dim=0, correction=0)
        # A unit that does not vary keeps its scale.
        deviation = torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation))
        self.weight.div_(deviation[:, None])
        before = before / deviation
        units = before.shape[1]
        shares = torch.empty(units, num_points, device=before.device).exponential_()
        shares = shares / shares.sum(dim=1, keepdim=True)
        points = torch.randint(before.shape[0], (units, num_points), device=before.device)
        self.bias.copy_(-(shares * before.T.gather(1, points)).sum(dim=1))

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"bias": Hint(rate=self._bias_rate, decay=0.0)}


@final
class ParametricActivation(nn.Module):
    """x + w (f(x) - x) with a learned w per feature, 1 at first.

    Args:
        name: Name of f in the table of activations.
        features: Width of the input.
        rate: Factor on the learning rate of w.

    Source:
        arXiv:2407.04491, section 3.
    """

    def __init__(self, name: str, features: int, rate: float) -> None:
        super().__init__()
        self.function = activation(name)
        self.weight = nn.Parameter(torch.ones(features))
        self._rate = rate

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return torch.lerp(inputs, self.function(inputs), self.weight.to(inputs.dtype))

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"weight": Hint(rate=self._rate, decay=0.0)}


@dataclass(frozen=True, kw_only=True, slots=True)
class NTKHeadConfig(AbstractHeadConfig):
    """Settings of the head that goes with RealMLP's trunk."""

    bias_rate: float = 0.1
    """Factor on the learning rate of the bias."""

    @override
    def build(self, in_features: int, out_features: int, *, num_members: int) -> "NTKHead":
        return NTKHead(self, in_features, out_features, num_members=num_members)


@final
class NTKHead(AbstractHead):
    """W x / √in_features + b, both zero at first.

    Args:
        config: Its settings.
        in_features: Width of the features.
        out_features: Numbers per sample.
        num_members: Members of the trunk.

    Source:
        arXiv:2407.04491. Differs: begins at zero, as in RealMLP-TD-S.
    """

    def __init__(
        self, config: NTKHeadConfig, in_features: int, out_features: int, *, num_members: int
    ) -> None:
        super().__init__()
        members = (num_members,) if num_members > 1 else ()
        self.weight = nn.Parameter(torch.zeros(*members, out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(*members, out_features))
        self._factor = 1.0 / math.sqrt(in_features)
        self._bias_rate = config.bias_rate

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        inputs = inputs * self._factor
        if self.weight.dim() == 2:
            return F.linear(inputs, self.weight, self.bias)
        members = torch.bmm(inputs.transpose(0, 1), self.weight.transpose(1, 2))
        return members.transpose(0, 1) + self.bias

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {
            "weight": Hint(matrix=False),
            # With members it has two dimensions, and is no matrix all the same.
            "bias": Hint(rate=self._bias_rate, decay=0.0, matrix=False),
        }
