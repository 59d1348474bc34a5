"""Runs of tokens of training texts, as buffers of a network (see `lamina.runtime.token_runs`)."""

import torch
from torch import Tensor, nn

from lamina.runtime.token_runs import SLOTS, START, TokenRuns, joined


class NgramMemory(nn.Module):
    """Counts of runs of tokens.

    Args:
        order: Longest run, at least 1; its last token is what is foreseen.

    Source:
        Witten and Bell 1991; see `lamina.runtime.token_runs`.
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
        """Count the runs of texts; what was counted before is forgotten.

        Args:
            texts: int64 [texts, length], each begun by a mark, padded with 0; the end of a text
                is foreseen as token 0.
        """
        counts: list[dict[int, int]] = [{} for _ in range(self.order)]
        seen: list[dict[int, int]] = [{} for _ in range(self.order)]
        last: list[dict[int, set[int]]] = [{} for _ in range(self.order)]
        for row in texts.tolist():
            text = [*(token for token in row if token > 0), 0]
            for place in range(1, len(text)):
                for order in range(self.order):
                    context = START
                    for back in range(order, 0, -1):
                        context = joined(context, text[place - back] if back <= place else 0)
                    run = joined(context, text[place])
                    counts[order][run] = counts[order].get(run, 0) + 1
                    seen[order][context] = seen[order].get(context, 0) + 1
                    last[order].setdefault(context, set()).add(text[place])
        self.num_kinds.fill_(max(1, len(texts[texts > 0].unique())))
        for order in range(self.order):
            kinds = {context: len(tokens) for context, tokens in last[order].items()}
            for table, found in (
                (self.runs, counts[order]),
                (self.contexts, seen[order]),
                (self.kinds, kinds),
            ):
                places = torch.tensor(list(found), dtype=torch.int64, device=table.device) % SLOTS
                values = torch.tensor(list(found.values()), dtype=table.dtype, device=table.device)
                table[order].zero_().index_add_(0, places, values)

    def table(self) -> TokenRuns:
        """Return the counts as plain arrays."""
        return TokenRuns(
            runs=self.runs.cpu().numpy(),
            contexts=self.contexts.cpu().numpy(),
            kinds=self.kinds.cpu().numpy(),
            num_kinds=int(self.num_kinds),
        )
