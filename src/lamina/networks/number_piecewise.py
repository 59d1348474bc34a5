"""Piecewise-linear embeddings of numbers: each number as its progress through the quantiles.

The range of a column is cut into bins at quantiles of the training values; bin t gives 0 below it,
1 above it and the share of the way inside it (the first and the last go on beyond their outer
edges). A linear map per column, zero at first, makes features of them, added to a plain linear map
of the number (TabM's version "B"). Missing numbers: see `number_linear.py`.

Source: Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning",
arXiv:2203.05556; Gorishniy et al. 2024, "TabM", arXiv:2410.24210.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.hints import Hint
from lamina.networks.number_linear import MissingIndicators, fill_missing
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig

_NO_LIMIT = 1e12
"""In bins. Infinity among a network's buffers would look like a training that diverged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberPiecewiseConfig(AbstractEncoderConfig):
    """Settings of the piecewise-linear number encoder."""

    kinds: ClassVar[tuple[str, ...]] = ("number",)

    num_bins: int = 48
    """Bins per column; columns with fewer distinct quantiles have fewer."""
    width: int = 12
    """Numbers per column."""
    overshoot: float | None = 0.5
    """How far, in bins, the outermost bins go on beyond their outer edges; None for no limit."""
    rate: float = 1.0
    """Factor on the learning rate of its parameters."""

    def __post_init__(self) -> None:
        if self.num_bins < 1 or self.width < 1:
            raise ConfigError(
                f"num_bins and width must be at least 1, got {self.num_bins!r} and {self.width!r}."
                " Try 48 and 12."
            )

    @override
    def build(self, spec: InputSpec) -> "NumberPiecewise":
        return NumberPiecewise(self, spec)


@final
class NumberPiecewise(AbstractEncoder):
    """Numbers as progress through bins, [batch, columns] → [batch, columns * width + indicators].

    Args:
        config: Its settings.
        spec: What the data says about the input; must have quantiles.

    Raises:
        ConfigError: The spec has no quantiles.

    Source:
        arXiv:2203.05556, equation 1. Differs: edges are interpolated from stored quantiles, the
        outermost bins go on by half a bin only, the linear map starts in ±1 whatever the width.
    """

    slope: Tensor
    offset: Tensor
    lowest: Tensor
    highest: Tensor

    def __init__(self, config: NumberPiecewiseConfig, spec: InputSpec) -> None:
        super().__init__()
        if spec.quantiles is None:
            raise ConfigError(
                f"input {spec.name!r} has no quantiles, which 'number_piecewise' cuts its bins at. "
                "Fit the schema first, or use 'number_periodic'."
            )
        edges = [bin_edges(row, config.num_bins) for row in spec.quantiles]
        for name, values in _bins(edges, config.overshoot).items():
            self.register_buffer(name, values)
        columns = len(edges)
        self.weight = nn.Parameter(torch.zeros(columns, self.slope.shape[1], config.width))
        self.linear = nn.Parameter(torch.empty(columns, config.width).uniform_(-1.0, 1.0))
        self.bias = nn.Parameter(torch.empty(columns, config.width).uniform_(-1.0, 1.0))
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
        bins = torch.bmm(self.encode(numbers).transpose(0, 1), self.weight).transpose(0, 1)
        features = (torch.addcmul(self.bias, numbers, self.linear) + bins).flatten(1)
        return self.indicators.append(features, inputs)

    def encode(self, numbers: Tensor) -> Tensor:
        """Return the share of each bin that lies below each number.

        Args:
            numbers: float [batch, columns, 1], nothing missing.

        Returns:
            float [batch, columns, bins]; columns with fewer bins have zeros at the end.
        """
        return torch.clamp(numbers * self.slope + self.offset, self.lowest, self.highest)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        hint = Hint(rate=self._rate, matrix=False)
        return {name: hint for name, _ in self.named_parameters(recurse=False)}


def bin_edges(quantiles: np.ndarray, num_bins: int) -> np.ndarray:
    """Return the distinct edges of at most `num_bins` bins of about equal mass.

    Args:
        quantiles: Ascending, at equal steps from the smallest to the largest value.
        num_bins: Bins wanted.
    """
    values = np.asarray(quantiles, dtype=np.float64)
    # A value that many rows share fills many quantiles; it makes one edge, and the rest of the bins
    # go to the other values.
    distinct = np.unique(values[np.isfinite(values)])
    if distinct.size <= num_bins + 1:
        return distinct
    places = np.linspace(0, distinct.size - 1, num_bins + 1)
    return np.interp(places, np.arange(distinct.size), distinct)


def _bins(edges: list[np.ndarray], overshoot: float | None) -> dict[str, Tensor]:
    """Return slope, offset and limits of all bins, [columns, bins], zero where there is no bin."""
    beyond = _NO_LIMIT if overshoot is None else overshoot
    num_bins = max([len(row) - 1 for row in edges] + [1])
    found = {
        name: torch.zeros(len(edges), num_bins) for name in ("slope", "offset", "lowest", "highest")
    }
    for column, row in enumerate(edges):
        count = len(row) - 1
        if count < 1:
            continue
        slope = 1.0 / np.diff(row)
        found["slope"][column, :count] = torch.from_numpy(slope)
        found["offset"][column, :count] = torch.from_numpy(-row[:-1] * slope)
        found["highest"][column, :count] = 1.0
        found["lowest"][column, 0] = -beyond
        found["highest"][column, count - 1] = 1.0 + beyond
    return found
