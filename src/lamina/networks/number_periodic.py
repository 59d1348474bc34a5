"""Periodic embeddings of numbers: each number with what a few learned waves make of it.

Per column, [x, W cos(2π w x + b) + c] (RealMLP's "PBLD": periodic, bias, linear, dense). Waves let
a smooth network follow functions that are steep in places. Missing numbers: see
`number_linear.py`.

Source: Holzmüller et al. 2024, "Better by default", arXiv:2407.04491, section 3; Gorishniy et al.
2022, "On embeddings for numerical features", arXiv:2203.05556.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.hints import Hint
from lamina.networks.number_linear import MissingIndicators, fill_missing
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberPeriodicConfig(AbstractEncoderConfig):
    """Settings of the periodic number encoder."""

    kinds: ClassVar[tuple[str, ...]] = ("number",)

    num_waves: int = 16
    """Waves per column."""
    width: int = 4
    """Numbers per column, the number itself included; at least 2."""
    deviation: float = 0.1
    """Standard deviation of the first frequencies, in periods per unit of input."""
    rate: float = 1.0
    """Factor on the learning rate of its parameters; RealMLP takes 0.1."""

    def __post_init__(self) -> None:
        if self.width < 2 or self.num_waves < 1:
            raise ConfigError(
                f"width must be at least 2 and num_waves at least 1, got {self.width!r} and "
                f"{self.num_waves!r}. Use 'number_linear' for numbers without waves."
            )

    @override
    def build(self, spec: InputSpec) -> "NumberPeriodic":
        return NumberPeriodic(self, spec)


@final
class NumberPeriodic(AbstractEncoder):
    """Numbers with waves, [batch, columns] → [batch, columns * width + indicators].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:2407.04491. Differs: missing numbers count as 0 and have indicators.
    """

    def __init__(self, config: NumberPeriodicConfig, spec: InputSpec) -> None:
        super().__init__()
        columns, waves, bound = spec.shape[0], config.num_waves, config.num_waves**-0.5
        self.frequency = nn.Parameter(torch.randn(columns, waves) * config.deviation)
        self.phase = nn.Parameter(torch.empty(columns, waves).uniform_(-math.pi, math.pi))
        self.weight = nn.Parameter(torch.empty(columns, waves, config.width - 1))
        self.bias = nn.Parameter(torch.empty(columns, config.width - 1))
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)
        self.indicators = MissingIndicators(spec)
        self._blocks = (config.width,) * columns + (1,) * self.indicators.num_indicators
        self._rate = config.rate
        self.out_features = sum(self._blocks)

    @override
    def blocks(self) -> tuple[int, ...]:
        return self._blocks

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        numbers = fill_missing(inputs).unsqueeze(2)
        waves = torch.cos(2 * math.pi * numbers * self.frequency + self.phase)
        mixed = torch.bmm(waves.transpose(0, 1), self.weight).transpose(0, 1) + self.bias
        features = torch.cat((numbers.to(mixed.dtype), mixed), dim=2).flatten(1)
        return self.indicators.append(features, inputs)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        hint = Hint(rate=self._rate, decay=0.0, matrix=False)
        return {name: hint for name, _ in self.named_parameters(recurse=False)}
