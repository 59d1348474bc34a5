"""Deletion and insertion curves: does the answer follow what an explanation names?

Features are taken away in the order of their attributions, the greatest first, and put back in the
same order; a faithful order makes the answer fall at once in the one case and rise at once in the
other. The score is the area between both curves, in the unit of the answer. That of a random order
is 0 on average, because what it takes away and what it keeps are drawn alike.

Source: Petsiuk, Das and Saenko 2018, "RISE", arXiv:1806.07421; Samek et al. 2017,
arXiv:1509.06321. Differs: one score out of both curves.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lamina.explanation.question import Question

MOST_STEPS = 16
"""Points of a curve beyond the first."""


@dataclass(frozen=True, slots=True)
class Curves:
    """The answer while features are taken away, and while they are put back."""

    shares: tuple[float, ...]
    """Share of the features that were taken away, or put back."""
    deletion: tuple[float, ...]
    """The answer without them."""
    insertion: tuple[float, ...]
    """The answer with them alone."""

    @property
    def score(self) -> float:
        """The area between both curves; above 0 the order says something true."""
        gaps = torch.tensor(self.insertion) - torch.tensor(self.deletion)
        return float(torch.trapezoid(gaps, torch.tensor(self.shares)))


def order_of(attributions: dict[str, Tensor]) -> Tensor:
    """Return the features of all inputs, those that speak most for the answer first, int64.

    Args:
        attributions: float [features] by input, in the order of the question.
    """
    return torch.argsort(torch.cat(list(attributions.values())), descending=True, stable=True)


def curves(question: Question, orders: Tensor, *, num_steps: int = MOST_STEPS) -> list[Curves]:
    """Return the curves of several orders of the features.

    Args:
        question: What is asked.
        orders: int64 [orders, features].
        num_steps: Most points of a curve beyond the first.
    """
    num_orders, total = orders.shape
    steps = min(total, num_steps)
    counts = torch.linspace(0, total, steps + 1).round().long()
    ranks = torch.argsort(orders, dim=1)
    is_taken = ranks.unsqueeze(1) < counts.view(1, -1, 1)
    versions = torch.cat((is_taken, ~is_taken), dim=1).flatten(0, 1)
    # Nothing and everything taken away are the same for each order.
    distinct, places = torch.unique(versions, dim=0, return_inverse=True)
    answers = question.answers_without(distinct)[places].view(num_orders, 2, steps + 1)
    shares = tuple((counts / total).tolist())
    return [Curves(shares, tuple(own[0].tolist()), tuple(own[1].tolist())) for own in answers]
