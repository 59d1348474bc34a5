"""Temporal convolutional network: causal convolutions whose reach doubles from block to block.

Source: Bai, Kolter and Koltun 2018, "An empirical evaluation of generic convolutional and recurrent
networks for sequence modeling", arXiv:1803.01271. Differs: a normaliser over the features in place
of weight normalisation; all future steps are answered at once from the last step's features.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.base import (
    AbstractBackbone,
    AbstractBackboneConfig,
    SeriesSpec,
    as_steps,
)
from lamina.networks.layers.dropout import Dropout, check_rate


@dataclass(frozen=True, kw_only=True, slots=True)
class TCNForecasterConfig(AbstractBackboneConfig):
    """Settings of the temporal convolutional network."""

    reads_others: ClassVar[bool] = True

    width: int = 64
    """Features per step."""
    kernel_size: int = 3
    """Steps that a convolution joins."""
    dropout: float = 0.1
    """Share of each block's outputs dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        if self.width < 1 or self.kernel_size < 2:
            raise ConfigError(
                f"width must be at least 1 and kernel_size at least 2, got {self.width!r} and "
                f"{self.kernel_size!r}. Try 64 and 3."
            )

    @override
    def build(self, spec: SeriesSpec) -> "TCNForecaster":
        return TCNForecaster(self, spec)


@final
class TCNForecaster(AbstractBackbone):
    """Residual causal convolutions, as many as the look-back needs; reads all series together.

    Args:
        config: Its settings.
        spec: What the data says about the series.

    Source:
        arXiv:1803.01271.
    """

    def __init__(self, config: TCNForecasterConfig, spec: SeriesSpec) -> None:
        super().__init__()
        self.spec = spec
        features = spec.channels + spec.others + spec.known
        self.entry = nn.Linear(features, config.width)
        blocks, reach, dilation = [], 1, 1
        while reach < spec.look_back:
            blocks.append(_Block(config, dilation))
            reach += 2 * (config.kernel_size - 1) * dilation
            dilation *= 2
        self.blocks = nn.ModuleList(blocks)
        self.decoder = nn.Linear(config.width, spec.horizon * spec.channels * spec.size)

    @override
    def forward(self, past: Tensor, known: Tensor) -> Tensor:
        sequence = self.entry(
            torch.cat((past.transpose(1, 2), known[:, : self.spec.look_back]), dim=2)
        )
        for block in self.blocks:
            sequence = block(sequence)
        return as_steps(self.decoder(sequence[:, -1]), self.spec)


class _Block(nn.Module):
    """Two causal convolutions beside a shortcut, [batch, length, width] → the same."""

    def __init__(self, config: TCNForecasterConfig, dilation: int) -> None:
        super().__init__()
        self.padding = (config.kernel_size - 1) * dilation
        self.norm = nn.LayerNorm(config.width)
        self.first = nn.Conv1d(config.width, config.width, config.kernel_size, dilation=dilation)
        self.second = nn.Conv1d(config.width, config.width, config.kernel_size, dilation=dilation)
        self.dropout = Dropout(config.dropout)

    @override
    def forward(self, sequence: Tensor) -> Tensor:
        features = self.norm(sequence).transpose(1, 2)
        for convolution in (self.first, self.second):
            features = functional.relu(convolution(functional.pad(features, (self.padding, 0))))
        return sequence + self.dropout(features.transpose(1, 2))
