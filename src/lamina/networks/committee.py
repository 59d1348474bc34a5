"""A trunk that cuts the features into members, each of which answers on its own.

For encoders that hold several readers side by side: every member has its own features, its own head
and its own loss, and their answers are averaged, which is worth more than one larger reader. Where
there are several encoders, a member has its part of each.

Source: Hansen and Salamon 1990, "Neural network ensembles"; Lee et al. 2015, "Why M heads are
better than one", arXiv:1511.06314 (members trained as one network).
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.parts import AbstractTrunk, AbstractTrunkConfig, Blocks


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitteeConfig(AbstractTrunkConfig):
    """Settings of a committee."""

    num_members: int | None = None
    """Parts that each encoder's features are cut into; None for one per reader, where all encoders
    have equally many, and else one for all."""

    def __post_init__(self) -> None:
        if self.num_members is not None and self.num_members < 1:
            raise ConfigError(f"num_members must be at least 1, got {self.num_members!r}. Try 2.")

    @override
    def build(self, in_features: int, blocks: Blocks = ()) -> "Committee":
        num_members = self.num_members or _num_readers(blocks)
        return Committee(num_members, tuple(map(sum, blocks)) or (in_features,))


def _num_readers(blocks: Blocks) -> int:
    """Return how many equal blocks every encoder has; 1 where they differ."""
    counts = {len(own) if len(set(own)) == 1 else 1 for own in blocks}
    return counts.pop() if len(counts) == 1 else 1


@final
class Committee(AbstractTrunk):
    """Features [batch, members * size] → [batch, members, size]; of one member unchanged.

    Args:
        num_members: Parts of each encoder's features.
        widths: Features of each encoder.

    Raises:
        ConfigError: The features cannot be cut into equal parts.

    Source:
        arXiv:1511.06314. Differs: nothing is shared but what the encoder shares.
    """

    def __init__(self, num_members: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        uneven = [width for width in widths if width % num_members]
        if uneven:
            raise ConfigError(
                f"the {uneven[0]} features of an encoder cannot be cut into {num_members} equal "
                "members. Leave num_members out to have one per reader."
            )
        self.widths = widths
        self.num_members = num_members
        self.out_features = sum(widths) // num_members

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if self.num_members == 1:
            return inputs
        parts = inputs.split(self.widths, dim=1)
        return torch.cat([part.unflatten(1, (self.num_members, -1)) for part in parts], dim=2)
