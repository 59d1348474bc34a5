"""Where in time each token of a transcript lies, by the network's own probabilities.

Source: Graves et al. 2006, section 4.1 (forward and backward variables).
"""

import torch
from torch import Tensor

_BLANK = 0


def alignment(logs: Tensor, tokens: Tensor) -> Tensor:
    """Return how likely each token is what is heard at each step, given the whole transcript.

    Args:
        logs: float [steps, vocabulary], log-probabilities of a network; token 0 adds nothing.
        tokens: int64 [length], the transcript.

    Returns:
        float64 [length, steps]; zeros where the steps are too few for the transcript. What is
        missing to 1 at a step is that nothing is added there.

    Source:
        Graves et al. 2006, equations 5 to 13.
    """
    steps, length = logs.shape[0], len(tokens)
    if not length or not steps:
        return torch.zeros(length, steps, dtype=torch.float64)
    states = torch.full((2 * length + 1,), _BLANK, dtype=torch.int64)
    states[1::2] = tokens
    shares = logs.double()[:, states]
    # From one token to the next no blank is needed, unless they are the same.
    may_skip = torch.zeros(len(states), dtype=torch.bool)
    may_skip[3::2] = tokens[1:] != tokens[:-1]
    ahead = _passed(shares, may_skip)
    # The same walk from the end: what may be skipped into is what may be skipped out of.
    turned = torch.zeros_like(may_skip)
    turned[2:] = may_skip.flip(0)[:-2]
    back = _passed(shares.flip(0, 1), turned).flip(0, 1)
    both = ahead + back - shares
    total = both.logsumexp(dim=1, keepdim=True)
    found = (both - total).exp()[:, 1::2].T
    return torch.where(torch.isfinite(total).T, found, 0.0)


def _passed(shares: Tensor, may_skip: Tensor) -> Tensor:
    """Return the log-probability of all ways to each state, float64 [steps, states]."""
    found = torch.full_like(shares, -torch.inf)
    found[0, :2] = shares[0, :2]
    for step in range(1, len(shares)):
        before = found[step - 1]
        ways = torch.full((3, len(before)), -torch.inf, dtype=before.dtype)
        ways[0] = before
        ways[1, 1:] = before[:-1]
        ways[2, 2:] = torch.where(may_skip[2:], before[:-2], -torch.inf)
        found[step] = ways.logsumexp(dim=0) + shares[step]
    return found
