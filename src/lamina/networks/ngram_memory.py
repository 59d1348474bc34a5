"""How likely a token is after the few before it: counts in tables of fixed size.

Source: Witten and Bell 1991 (how much the longer context counts); Talbot and Osborne 2007 (counts
found by checksums). Differs: checksums of different runs may meet, which makes rare ones a little
too likely.
"""

import torch
from torch import Tensor, nn

SLOTS = 1 << 15
"""Places of each table."""

_FACTOR = 1_000_003
_START = 1


class NgramMemory(nn.Module):
    """Counts of runs of tokens.

    Args:
        order: Longest run, at least 1; its last token is what is foreseen.

    Source:
        Witten and Bell 1991; see the file header.
    """

    runs: Tensor
    contexts: Tensor
    kinds: Tensor
    num_kinds: Tensor

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order = order
        for name in ("runs", "contexts", "kinds"):
            self.register_buffer(name, torch.zeros(order, SLOTS, dtype=torch.int32))
        self.register_buffer("num_kinds", torch.ones((), dtype=torch.int32))

    def learn(self, texts: Tensor) -> None:
        """Count the runs of texts.

        Args:
            texts: int64 [texts, length], each begun by a mark, padded with 0; the end of a text
                is foreseen as token 0.
        """
        texts = torch.cat([texts, torch.zeros_like(texts[:, :1])], dim=1)
        lengths = (texts > 0).sum(dim=1)
        self.num_kinds.fill_(max(1, len(texts[texts > 0].unique())))
        places = torch.arange(1, texts.shape[1])
        for order in range(self.order):
            context = torch.full_like(texts[:, 1:], _START)
            for back in range(order, 0, -1):
                before = (places - back).clamp(min=0)
                context = _joined(context, texts[:, before] * (places >= back))
            counted = places <= lengths[:, None]
            contexts, tokens = context[counted], texts[:, 1:][counted]
            runs = _joined(contexts, tokens)
            ones = torch.ones_like(runs, dtype=torch.int32)
            self.runs[order].zero_().index_add_(0, runs % SLOTS, ones)
            self.contexts[order].zero_().index_add_(0, contexts % SLOTS, ones)
            distinct = torch.stack([contexts, runs], dim=1).unique(dim=0)[:, 0]
            self.kinds[order].zero_().index_add_(0, distinct % SLOTS, ones[: len(distinct)])

    def log_probability(self, before: Tensor, tokens: Tensor) -> Tensor:
        """Return the log-probability of tokens, each after some others, float64 [rows].

        Args:
            before: int64 [rows, places], the tokens before, the last one last; 0 where there are
                none.
            tokens: int64 [rows]; 0 for the end.
        """
        share = torch.full(tokens.shape, 1.0 / (int(self.num_kinds) + 1), dtype=torch.float64)
        for order in range(self.order):
            context = torch.full_like(tokens, _START)
            for back in range(order, 0, -1):
                own = before[:, -back] if back <= before.shape[1] else torch.zeros_like(tokens)
                context = _joined(context, own)
            run = self.runs[order][_joined(context, tokens) % SLOTS].double()
            seen = self.contexts[order][context % SLOTS].double()
            kinds = self.kinds[order][context % SLOTS].double()
            known = (run + kinds * share) / (seen + kinds).clamp(min=1.0)
            share = torch.where(seen > 0, known, share)
        return share.log()


def _joined(checksum: Tensor, token: Tensor) -> Tensor:
    """Return the checksum of a run that is one token longer, int64 in [0, 2^40)."""
    mixed = checksum * _FACTOR + token + 7
    return (mixed ^ (mixed >> 17)) % (1 << 40)
