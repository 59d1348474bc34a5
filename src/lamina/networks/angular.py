"""Head for embeddings: a vector of length 1, and its cosines with one centre per identity.

Source: Deng et al. 2019, "ArcFace", arXiv:1801.07698 (dropout, a linear layer and a batch
normalisation make the embedding: "option E"). Differs: the margin is the objective's work, and
features come as they are.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.table import look_up
from lamina.networks.hints import Hint
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.normalisers import NORMALISERS, normaliser
from lamina.networks.layers.precision import full_precision
from lamina.networks.parts import AbstractHead, AbstractHeadConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class AngularHeadConfig(AbstractHeadConfig):
    """Settings of the head for embeddings."""

    width: int = 128
    """Numbers of the embedding; the rest of the output is one cosine per identity."""
    normaliser: str = "batch"
    """Name in the table of normalisers, for the embedding before its length becomes 1: "batch"
    takes away what all samples have in common, which says nothing about who they are."""
    dropout: float = 0.2
    """Share of the features dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        look_up(NORMALISERS, self.normaliser, what="normaliser")
        if self.width < 1:
            raise ConfigError(f"width must be at least 1, got {self.width!r}. Try 128.")

    @override
    def build(self, in_features: int, out_features: int, *, num_members: int) -> AbstractHead:
        if num_members > 1:
            raise ConfigError(
                "the head for embeddings reads one network, not the members of a committee. "
                "Choose another trunk, such as perceptron."
            )
        if out_features <= self.width:
            raise ConfigError(
                f"the head gives an embedding of {self.width} numbers and a cosine per identity, "
                f"and {out_features} are wanted in all. Set network.head.width below that."
            )
        return AngularHead(in_features, out_features, self)


@final
class AngularHead(AbstractHead):
    """An embedding of length 1 beside its cosines with learned centres, which have length 1, too.

    Args:
        in_features: Width of the features.
        out_features: Numbers of the embedding and identities together.
        config: Its settings.

    Source:
        arXiv:1801.07698, section 2.1.
    """

    def __init__(self, in_features: int, out_features: int, config: AngularHeadConfig) -> None:
        super().__init__()
        width = config.width
        self.dropout = Dropout(config.dropout)
        self.weight = nn.Parameter(torch.empty(width, in_features))
        self.centers = nn.Parameter(torch.empty(out_features - width, width))
        for parameter in (self.weight, self.centers):
            nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
        self.norm = normaliser(config.normaliser, width)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        # Angles between close vectors need all digits.
        with full_precision(inputs.device):
            features = self.dropout(inputs.to(self.weight.dtype))
            vectors = F.normalize(self.norm(F.linear(features, self.weight)), dim=-1)
            cosines = F.linear(vectors, F.normalize(self.centers, dim=-1))
            return torch.cat([vectors, cosines], dim=-1)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"weight": Hint(matrix=False), "centers": Hint(matrix=False)}
