"""A trunk that cuts the features into members, each of which answers on its own.

For encoders that hold several readers side by side: every member has its own features, its own head
and its own loss, and their answers are averaged, which is worth more than one larger reader.

Source: Hansen and Salamon 1990, "Neural network ensembles"; Lee et al. 2015, "Why M heads are
better than one", arXiv:1511.06314 (members trained as one network).
"""

from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.parts import AbstractTrunk, AbstractTrunkConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitteeConfig(AbstractTrunkConfig):
    """Settings of a committee."""

    num_members: int = 2
    """Parts that the features are cut into."""

    def __post_init__(self) -> None:
        if self.num_members < 1:
            raise ConfigError(f"num_members must be at least 1, got {self.num_members!r}. Try 2.")

    @override
    def build(self, in_features: int, blocks: tuple[int, ...] = ()) -> "Committee":
        return Committee(self, in_features)


@final
class Committee(AbstractTrunk):
    """Features [batch, members * size] → [batch, members, size].

    Args:
        config: Its settings.
        in_features: Width of the joined features.

    Raises:
        ConfigError: The features cannot be cut into equal parts.

    Source:
        arXiv:1511.06314. Differs: nothing is shared but what the encoder shares.
    """

    def __init__(self, config: CommitteeConfig, in_features: int) -> None:
        super().__init__()
        if in_features % config.num_members:
            raise ConfigError(
                f"{in_features} features cannot be cut into {config.num_members} equal members. "
                "Use as many members as the encoder has readers, or the trunk 'perceptron'."
            )
        self.num_members = config.num_members
        self.out_features = in_features // config.num_members

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if self.num_members == 1:
            return inputs
        return inputs.unflatten(1, (self.num_members, self.out_features))
