"""Numbers as they are, with one indicator more for each column that has missing values.

A missing number becomes 0, the median of its column (numbers come robustly scaled); the indicator,
1 where missing, tells the two apart. The layer behind is linear in both.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.records import InputSpec
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberLinearConfig(AbstractEncoderConfig):
    """Settings of the plain number encoder; there are none."""

    kinds: ClassVar[tuple[str, ...]] = ("number",)

    @override
    def build(self, spec: InputSpec) -> "NumberLinear":
        return NumberLinear(spec)


@final
class NumberLinear(AbstractEncoder):
    """Numbers and missing indicators, [batch, columns] → [batch, columns + indicators].

    Args:
        spec: What the data says about the input.

    Source:
        Missing indicators: Little and Rubin 2002, "Statistical Analysis with Missing Data".
    """

    def __init__(self, spec: InputSpec) -> None:
        super().__init__()
        self.num_columns = spec.shape[0]
        self.indicators = MissingIndicators(spec)
        self.out_features = self.num_columns + self.indicators.num_indicators

    @override
    def blocks(self) -> tuple[int, ...]:
        return (1,) * self.out_features

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        filled = fill_missing(inputs)
        if self.out_features == self.num_columns:
            return filled
        return self.indicators.append(filled, inputs)


@final
class MissingIndicators(nn.Module):
    """1 where a number is missing, for each column that had missing values in training.

    Args:
        spec: What the data says about the input; where it does not know, all columns count.
    """

    columns: Tensor

    def __init__(self, spec: InputSpec) -> None:
        super().__init__()
        missing = spec.missing if spec.missing is not None else (True,) * spec.shape[0]
        columns = [column for column, is_missing in enumerate(missing) if is_missing]
        self.num_indicators = len(columns)
        self._takes_all = self.num_indicators == spec.shape[0]
        self.register_buffer("columns", torch.tensor(columns, dtype=torch.int64), persistent=False)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        chosen = inputs if self._takes_all else inputs.index_select(1, self.columns)
        return chosen.isnan().to(inputs.dtype)

    def append(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Return features with the indicators behind them.

        Args:
            features: float [batch, features].
            inputs: The numbers they come from, NaN where missing, float [batch, columns].
        """
        if not self.num_indicators:
            return features
        return torch.cat((features, self(inputs).to(features.dtype)), dim=1)


def fill_missing(inputs: Tensor) -> Tensor:
    """Return the numbers with 0, the median of their column, where they are missing.

    Done for every column: one without missing values in training may have some later.

    Args:
        inputs: float [batch, columns].
    """
    if torch.compiler.is_exporting():
        # Encoded numbers are finite, and each infinity costs a graph four operations.
        return torch.where(inputs.isnan(), 0.0, inputs)
    return torch.nan_to_num(inputs, nan=0.0)
