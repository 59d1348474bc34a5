"""Penalties on weights, to be added to a loss.

Decoupled weight decay (AdamW) is the optimizer's work and is usually what one wants in place of
`l2`.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


def l1(parameters: Iterable[Tensor]) -> Tensor:
    """Return the sum of absolute values.

    Args:
        parameters: Weights of any shapes.

    Returns:
        A scalar; 0 without parameters.

    Source:
        Tibshirani 1996, "Regression shrinkage and selection via the lasso".
    """
    return _total([parameter.abs().sum() for parameter in parameters])


def l2(parameters: Iterable[Tensor]) -> Tensor:
    """Return half the sum of squares, whose gradient is the weight itself.

    Args:
        parameters: Weights of any shapes.

    Returns:
        A scalar; 0 without parameters.

    Source:
        Hoerl and Kennard 1970, "Ridge regression".
    """
    return _total([0.5 * parameter.square().sum() for parameter in parameters])


def _total(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).sum() if parts else torch.zeros(())
