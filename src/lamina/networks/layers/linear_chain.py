"""A linear chain over the tags of a sentence: conditional random field, with exact sums and search.

A tagging scores the tag of each word and each pair of neighbours; its probability is the
exponential of its score by that of all taggings. Sums run forwards over the words, with one matrix
product per word; the best tagging is found by Viterbi's algorithm. What may not stand behind what
has no score at all.

Source: Lafferty, McCallum and Pereira 2001, "Conditional random fields"; Viterbi 1967, "Error
bounds for convolutional codes and an asymptotically optimum decoding algorithm".
"""

from typing import final

import numpy as np
import torch
from torch import Tensor, nn

from lamina.networks.hints import Hint

_NEVER = -1e4
_SMALLEST = 1e-37


@final
class LinearChain(nn.Module):
    """Scores of neighbouring tags.

    Args:
        follows: bool [1 + tags, 1 + tags], which tag may stand behind which; row 0 says which may
            begin a sentence. Column 0 is not used.

    Source:
        Lafferty, McCallum and Pereira 2001. Differs: a score for the end as well; sums are formed
        as products of shares of the greatest, so that taggings e^-85 times as probable as the best
        count for nothing.
    """

    forbidden: Tensor

    def __init__(self, follows: np.ndarray) -> None:
        super().__init__()
        size = follows.shape[0] - 1
        self.pairs = nn.Parameter(torch.zeros(size, size))
        self.begins = nn.Parameter(torch.zeros(size))
        self.ends = nn.Parameter(torch.zeros(size))
        # It follows from the tags, so it is not part of the weights.
        never = torch.from_numpy(np.where(follows[:, 1:], 0.0, _NEVER)).float()
        self.register_buffer("forbidden", never, persistent=False)

    def nats(self, scores: Tensor, tags: Tensor, valid: Tensor) -> Tensor:
        """Return the negative log-likelihood of taggings, float [batch].

        Args:
            scores: float [batch, length, tags], of each word's own tag.
            tags: int64 [batch, length], from 0 on.
            valid: bool [batch, length], padding last, true at least once per row.
        """
        return self.log_partition(scores, valid) - self.score(scores, tags, valid)

    def log_partition(self, scores: Tensor, valid: Tensor) -> Tensor:
        """Return the logarithm of the sum over all taggings, float [batch].

        Args:
            scores: As for `nats`.
            valid: As for `nats`.
        """
        factors = (self.pairs + self.forbidden[1:]).to(scores.dtype).exp()
        sums = self.begins + self.forbidden[0] + scores[:, 0]
        for step in range(1, scores.shape[1]):
            most = sums.detach().amax(dim=1, keepdim=True)
            reached = ((sums - most).exp() @ factors).clamp_min(_SMALLEST).log()
            ahead = reached + most + scores[:, step]
            sums = torch.where(valid[:, step, None], ahead, sums)
        return (sums + self.ends).logsumexp(dim=1)

    def score(self, scores: Tensor, tags: Tensor, valid: Tensor) -> Tensor:
        """Return the scores of taggings, float [batch].

        Args:
            scores: As for `nats`.
            tags: As for `nats`.
            valid: As for `nats`.
        """
        real = valid.to(scores.dtype)
        own = (scores.gather(2, tags.unsqueeze(2)).squeeze(2) * real).sum(dim=1)
        steps = (self.pairs + self.forbidden[1:])[tags[:, :-1], tags[:, 1:]]
        last = tags.gather(1, valid.sum(dim=1, keepdim=True) - 1).squeeze(1)
        first = (self.begins + self.forbidden[0])[tags[:, 0]]
        return own + (steps * real[:, 1:]).sum(dim=1) + first + self.ends[last]

    def tag_nats(self, scores: Tensor, tags: Tensor, valid: Tensor) -> Tensor:
        """Return how unlikely each tag is, whatever the others are, float [batch, length].

        The share of all taggings that give a word a tag is the slope of the logarithm of their sum.

        Args:
            scores: As for `nats`.
            tags: As for `nats`.
            valid: As for `nats`.

        Returns:
            Negative logarithms of marginal probabilities, 0 at padding.
        """
        with torch.enable_grad():
            own = scores.detach().requires_grad_()
            (shares,) = torch.autograd.grad(self.log_partition(own, valid).sum(), own)
        found = shares.gather(2, tags.unsqueeze(2)).squeeze(2)
        return -found.clamp_min(_SMALLEST).log() * valid

    def best(self, scores: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Return the most probable taggings, int64 [batch, length], and their scores.

        Args:
            scores: As for `nats`.
            valid: As for `nats`.

        Returns:
            Tags, 0 at padding, and float [batch].
        """
        factors = self.pairs + self.forbidden[1:]
        found = self.begins + self.forbidden[0] + scores[:, 0]
        stay = torch.arange(found.shape[1], device=found.device).expand_as(found)
        pointers = []
        for step in range(1, scores.shape[1]):
            ahead, origin = (found.unsqueeze(2) + factors).max(dim=1)
            is_real = valid[:, step, None]
            found = torch.where(is_real, ahead + scores[:, step], found)
            pointers.append(torch.where(is_real, origin, stay))
        score, tag = (found + self.ends).max(dim=1)
        path = [tag]
        for origin in reversed(pointers):
            path.append(origin.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], dim=1) * valid, score

    def table(self) -> list[list[float]]:
        """Return the scores of pairs, then those of the first and the last tag, as plain lists."""
        rows = [self.pairs + self.forbidden[1:], (self.begins + self.forbidden[0])[None]]
        found: list[list[float]] = torch.cat([*rows, self.ends[None]]).double().tolist()
        return found

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters: scores do not decay and are no matrix."""
        hint = Hint(decay=0.0, matrix=False)
        return {"pairs": hint, "begins": hint, "ends": hint}
