"""Convolutions over series of any lengths in one batch: zeros behind each end, before and after."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override


class MaskedConvolution(nn.Module):
    """Convolution, then batch normalisation; as many steps as before, zeros behind each end.

    Args:
        in_features: Channels in.
        out_features: Channels out.
        kernel_size: Steps that are joined; of an even number one more lies ahead than behind.

    Shape:
        sequence [batch, in_features, steps], valid bool [batch, 1, steps] →
        [batch, out_features, steps].

    Source:
        Wang, Yan and Oates 2017, arXiv:1611.06455. Differs: series end where `valid` does; in
        training the statistics of a batch count the zeros behind the ends of shorter series.
    """

    def __init__(self, in_features: int, out_features: int, kernel_size: int) -> None:
        super().__init__()
        self.padding = ((kernel_size - 1) // 2, kernel_size // 2)
        self.convolution = nn.Conv1d(in_features, out_features, kernel_size, bias=False)
        self.norm = nn.BatchNorm1d(out_features)

    @override
    def forward(self, sequence: Tensor, valid: Tensor) -> Tensor:
        found = self.norm(self.convolution(F.pad(sequence, self.padding)))
        zeroed: Tensor = found * valid
        return zeroed


def max_over_neighbours(sequence: Tensor, valid: Tensor) -> Tensor:
    """Return the largest of each step and the two beside it, blind to what lies behind the end.

    Args:
        sequence: float [batch, features, steps].
        valid: bool [batch, 1, steps].
    """
    lowest = torch.finfo(sequence.dtype).min
    # Torch's pooling cannot be exported for every length.
    wide = F.pad(sequence.masked_fill(~valid, lowest), (1, 1), value=lowest)
    largest = torch.maximum(torch.maximum(wide[:, :, :-2], wide[:, :, 1:-1]), wide[:, :, 2:])
    return largest * valid
