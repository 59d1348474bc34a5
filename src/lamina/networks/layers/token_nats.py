"""How unlikely tokens are, given the scores of all tokens there are.

The scores of a large vocabulary are most of what a network that writes computes. Taken apart into
operations, their cross-entropy makes three more arrays of that size in float32, which cost more
than the matrix products. Here a few rows at a time pass through the processor's caches, and one
array is made: the gradient, as exact as the scores.

Source: Hsu et al. 2024, "Liger kernel", arXiv:2410.10989, section 3.2 (cross-entropy in one pass).
Differs: in operations of PyTorch, so on any device; the scores are kept, not overwritten.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from typing_extensions import override

_AT_A_TIME = 2**20  # numbers: four megabytes of float32
_AT_A_TIME_ON_GPU = 2**26


def token_nats(scores: Tensor, truth: Tensor) -> Tensor:
    """Return how unlikely each token was, float32 [...].

    Args:
        scores: float [..., vocabulary].
        truth: int64 [...], the tokens that came.

    Units:
        Nats.
    """
    if torch.compiler.is_exporting():
        # In operations that exporters know at any size; onnxruntime's own logsumexp is no faster
        # than one number at a time.
        exact = scores.float()
        above = exact - exact.amax(dim=-1, keepdim=True)
        own = above.gather(-1, truth.unsqueeze(-1)).squeeze(-1)
        return above.exp().sum(dim=-1).log() - own
    return token_nats_and_mean(scores, truth)[0]


def token_nats_and_mean(scores: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """Return how unlikely each token was, and all tokens on average were there, float32 [...] each.

    Args:
        scores: float [..., vocabulary].
        truth: int64 [...], the tokens that came.

    Units:
        Nats.
    """
    shape = truth.shape
    nats, mean = _Nats.apply(scores.reshape(-1, scores.shape[-1]), truth.reshape(-1))
    return nats.view(shape), mean.view(shape)


class _Nats(torch.autograd.Function):
    """Scores [rows, vocabulary] and truth [rows] to two numbers for each row."""

    @staticmethod
    @override
    def forward(ctx: Any, scores: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
        totals, means = [], []
        for part in scores.split(_rows(scores)):
            exact = part.float()
            totals.append(exact.logsumexp(dim=1))
            means.append(exact.mean(dim=1))
        total = torch.cat(totals)
        ctx.save_for_backward(scores, truth, total)
        ctx.set_materialize_grads(False)
        own = scores.gather(1, truth[:, None]).squeeze(1).float()
        return total - own, total - torch.cat(means)

    @staticmethod
    @once_differentiable
    @override
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, None]:
        scores, truth, total = ctx.saved_tensors
        of_nats, of_mean = (
            torch.zeros_like(total) if gradient is None else gradient for gradient in gradients
        )
        found, size = torch.empty_like(scores), _rows(scores)
        for start in range(0, len(scores), size):
            rows = slice(start, start + size)
            # Not in place: in float32 these are the scores themselves.
            exact = (scores[rows].float() - total[rows, None]).exp_()
            exact.mul_((of_nats[rows] + of_mean[rows])[:, None])
            exact.sub_(of_mean[rows, None] / scores.shape[1])
            exact.scatter_add_(1, truth[rows, None], -of_nats[rows, None])
            found[rows] = exact
        return found, None


def _rows(scores: Tensor) -> int:
    """Return how many rows are computed at a time."""
    most = _AT_A_TIME if scores.device.type == "cpu" else _AT_A_TIME_ON_GPU
    return max(1, most // max(1, scores.shape[1]))
