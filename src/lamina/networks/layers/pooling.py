"""From a sequence to one vector, blind to padding.

`valid` says which positions hold a token. A text without any token counts as its first position, so
that no answer is NaN; `attendable` gives the mask that says so.

Source: Collobert et al. 2011 (maximum), Reimers and Gurevych 2019, arXiv:1908.10084 (mean, first).
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from lamina.core.table import Entry, table

Pooling = Callable[[Tensor, Tensor], Tensor]
"""(sequence [batch, length, features], valid bool [batch, length]) → [batch, features]."""


def attendable(ids: Tensor) -> Tensor:
    """Return where a text has tokens; its first position counts always.

    Args:
        ids: Token ids, 0 is padding, int64 [batch, length].

    Returns:
        bool [batch, length].
    """
    first = torch.arange(ids.shape[1], device=ids.device) == 0
    return (ids != 0) | first


def mean_pooling(sequence: Tensor, valid: Tensor) -> Tensor:
    """Return the mean over the valid positions.

    Args:
        sequence: float [batch, length, features].
        valid: bool [batch, length], true at least once per row.
    """
    shares = valid.to(sequence.dtype)
    shares = shares / shares.sum(dim=1, keepdim=True)
    return torch.bmm(shares.unsqueeze(1), sequence).squeeze(1)


def max_pooling(sequence: Tensor, valid: Tensor) -> Tensor:
    """Return the largest value of each feature over the valid positions.

    Args:
        sequence: float [batch, length, features].
        valid: bool [batch, length], true at least once per row.
    """
    lowest = torch.finfo(sequence.dtype).min
    return sequence.masked_fill(~valid.unsqueeze(2), lowest).amax(dim=1)


def first_pooling(sequence: Tensor, valid: Tensor) -> Tensor:  # noqa: ARG001 - the table's form
    """Return the first position.

    Args:
        sequence: float [batch, length, features].
        valid: bool [batch, length]; the first position counts always.
    """
    return sequence[:, 0]


def last_pooling(sequence: Tensor, valid: Tensor) -> Tensor:
    """Return the last valid position.

    Args:
        sequence: float [batch, length, features].
        valid: bool [batch, length], true at least once per row.
    """
    places = torch.arange(valid.shape[1], device=valid.device)
    last = (valid * places).amax(dim=1)
    index = last[:, None, None].expand(-1, 1, sequence.shape[2])
    return sequence.gather(1, index).squeeze(1)


POOLINGS: Mapping[str, Entry[Pooling]] = table(
    Entry("first", first_pooling, "The first position.", "Devlin et al. 2018, arXiv:1810.04805"),
    Entry("last", last_pooling, "The last position.", "Radford et al. 2018"),
    Entry("max", max_pooling, "Largest value of each feature.", "Collobert et al. 2011"),
    Entry("mean", mean_pooling, "Mean over the positions.", "arXiv:1908.10084"),
)
"""All poolings by name."""
