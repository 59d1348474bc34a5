"""Linear layers of several members at once: one set of weights each, one matrix product for all.

Source: torch.baddbmm; as heads of one trunk: Gorishniy et al. 2024, arXiv:2410.24210 (TabM).
"""

import math

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.networks.hints import Hint


class EnsembleLinear(nn.Module):
    """A linear map per member, [batch, members, in_features] → [batch, members, out_features].

    Args:
        in_features: Width of the input.
        out_features: Width of the output.
        num_members: Maps side by side.

    Source:
        arXiv:2410.24210. Weights are uniform in ±1/√in_features, as torch's; biases too.
    """

    def __init__(self, in_features: int, out_features: int, *, num_members: int) -> None:
        super().__init__()
        bound = 1.0 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(num_members, in_features, out_features))
        self.bias = nn.Parameter(torch.empty(num_members, out_features))
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        members = torch.baddbmm(self.bias.unsqueeze(1), inputs.transpose(0, 1), self.weight)
        return members.transpose(0, 1)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"weight": Hint(matrix=False), "bias": Hint(decay=0.0, matrix=False)}
