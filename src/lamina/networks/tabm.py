"""TabM-mini: many networks in one, which share all weights but the first scaling and the heads.

Member m sees the features times r_m, a random vector that is learned on; then all members go
through the same layers, and each has a head of its own. The loss is the mean of the members'
losses, the answer the mean of their answers: an ensemble for the price of a wider batch.

Source: Gorishniy, Kotelnikov and Babenko 2024, "TabM: advancing tabular deep learning with
parameter-efficient ensembling", arXiv:2410.24210 (TabM-mini).
"""

from dataclasses import dataclass
from typing import Literal, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint
from lamina.networks.mlp import MLP, MLPConfig
from lamina.networks.parts import AbstractTrunk, AbstractTrunkConfig, Blocks


@dataclass(frozen=True, kw_only=True, slots=True)
class TabMConfig(AbstractTrunkConfig):
    """Settings of TabM-mini."""

    members: int = 8
    """Networks in one; at least 2."""
    depth: int = 2
    """Hidden layers."""
    width: int = 192
    """Units in each hidden layer."""
    activation: str = "relu"
    """Name in the table of activations."""
    dropout: float = 0.1
    """Share of activations dropped while training, in [0, 1)."""
    scaling: Literal["signs", "normal"] = "normal"
    """First values of the scaling: ±1 (for numbers as they are) or normal (for embeddings)."""

    def __post_init__(self) -> None:
        if self.members < 2:
            raise ConfigError(
                f"members must be at least 2, got {self.members!r}. Use 'mlp' for one network."
            )
        self.shared()

    def shared(self) -> MLPConfig:
        """Return the config of the layers that all members share."""
        return MLPConfig(
            depth=self.depth,
            width=self.width,
            activation=self.activation,
            dropout=self.dropout,
        )

    @override
    def build(self, in_features: int, blocks: Blocks = ()) -> "TabM":
        widths = tuple(width for own in blocks for width in own)
        return TabM(self, widths or (1,) * in_features)


@final
class TabM(AbstractTrunk):
    """Members with shared layers, [batch, in_features] → [batch, members, width].

    Args:
        config: Its settings.
        blocks: Width of each column's features: a column has one first scale per member.

    Source:
        arXiv:2410.24210, section 3. Differs: nothing but the defaults, which suit a CPU.
    """

    def __init__(self, config: TabMConfig, blocks: tuple[int, ...]) -> None:
        super().__init__()
        scale = torch.randn(config.members, len(blocks))
        if config.scaling == "signs":
            scale = torch.where(scale < 0, -1.0, 1.0)
        self.scale = nn.Parameter(scale.repeat_interleave(torch.tensor(blocks), dim=1))
        self.shared = MLP(config.shared(), sum(blocks))
        self.out_features = config.width
        self.num_members = config.members

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.shared(inputs.unsqueeze(1) * self.scale)
        return outputs

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"scale": Hint(matrix=False)}
