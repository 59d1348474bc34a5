"""Whitening filters: the first layer of a picture network, taken from data instead of learned.

The filters are the eigenvectors of the covariance of small patches, each divided by the root of
its eigenvalue, and their negatives. Their outputs are uncorrelated and of equal size, so that the
layers behind learn at once.

Source: Page 2019, "How to train your ResNet"; Jordan 2024, arXiv:2404.00498, section 3.2.
"""

import torch
from torch import Tensor

_PIXELS = 1 << 21
"""Numbers of pictures whose patches are looked at together."""


def whitening_filters(pictures: Tensor, size: int, *, epsilon: float = 5e-4) -> Tensor:
    """Return filters that whiten patches of pictures, strongest component first.

    Args:
        pictures: Normalised, float [batch, channels, height, width].
        size: Height and width of a patch.
        epsilon: Added to the eigenvalues, so that noise is not blown up.

    Returns:
        float [2 * channels * size², channels, size, size]: the filters, then their negatives.

    Source:
        arXiv:2404.00498, section 3.2.
    """
    channels = pictures.shape[1]
    step, width = max(1, size // 2), channels * size * size
    count, total = 0, pictures.new_zeros(width, width, dtype=torch.float64)
    # In pieces: the patches of all pictures take many times the memory of the pictures.
    for piece in pictures.split(max(1, _PIXELS // pictures[0].numel())):
        patches = piece.unfold(2, size, step).unfold(3, size, step)
        flat = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, width).double()
        total += flat.T @ flat
        count += flat.shape[0]
    values, vectors = torch.linalg.eigh(total / count)
    filters = (vectors / (values.clamp_min(0.0) + epsilon).sqrt()).T.flip(0)
    filters = filters.reshape(-1, channels, size, size).to(pictures.dtype)
    return torch.cat((filters, -filters))
