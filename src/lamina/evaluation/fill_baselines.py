"""What counting fills in where a token of a text is hidden.

Source: Witten and Bell 1991, "The zero-frequency problem" (how much a narrower context is trusted).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lamina.core.table import Entry, table

Texts = Sequence[np.ndarray]
"""Token ids of each text, int64 [length]."""


def frequent(seen: Texts, asked: Texts, token_bytes: np.ndarray) -> np.ndarray:
    """Find a token as likely as it is frequent, whatever stands around it.

    Args:
        seen: Texts to count in.
        asked: Texts of which each token is hidden once.
        token_bytes: int64 [ids], bytes of each id; 0 for marks, which are never hidden.

    Returns:
        float64 [texts, 4]: nats, tokens, bytes and hits.

    Source:
        Shannon 1948.
    """
    return _filled(seen, asked, token_bytes, order=0)


def neighbours(seen: Texts, asked: Texts, token_bytes: np.ndarray) -> np.ndarray:
    """Find a token as likely as it is frequent between those at its sides, after one, and at all.

    Args:
        seen: Texts to count in.
        asked: Texts of which each token is hidden once.
        token_bytes: As for `frequent`.

    Returns:
        float64 [texts, 4]: nats, tokens, bytes and hits.

    Source:
        Witten and Bell 1991. Differs: the most frequent token of the narrowest context that is
        known is what is filled in.
    """
    return _filled(seen, asked, token_bytes, order=2)


FILLERS: Mapping[str, Entry[Callable[[Texts, Texts, np.ndarray], np.ndarray]]] = table(
    Entry("frequent", frequent, "The most frequent token.", "Shannon 1948"),
    Entry("neighbours", neighbours, "What stood between the same two tokens.", "Witten, Bell 1991"),
)
"""All that fills in by counting, by name."""


def _filled(seen: Texts, asked: Texts, token_bytes: np.ndarray, *, order: int) -> np.ndarray:
    known, known_contexts = _flat(seen, token_bytes, order)
    truth, contexts = _flat(asked, token_bytes, order)
    # What was never seen has a share of what is left.
    chance = np.full(len(truth), 1.0 / max(1, int((token_bytes > 0).sum())))
    best = np.zeros(len(truth), dtype=np.int64)
    for own, wanted in zip(known_contexts, contexts):
        if not len(own):
            continue  # nothing was seen
        pairs, times = np.unique(np.stack([own, known]), axis=1, return_counts=True)
        # The most frequent token of a context stands last in it.
        ranked = np.lexsort((-pairs[1], times, pairs[0]))
        pairs, times = pairs[:, ranked], times[ranked]
        kinds, first, followers = np.unique(pairs[0], return_index=True, return_counts=True)
        totals = np.add.reduceat(times, first)
        place = np.minimum(np.searchsorted(kinds, wanted), len(kinds) - 1)
        is_known = kinds[place] == wanted
        hits = _times(pairs, times, wanted, truth)
        mixed = (hits + followers[place] * chance) / (totals + followers)[place]
        chance = np.where(is_known, mixed, chance)
        best = np.where(is_known, pairs[1][(first + followers - 1)[place]], best)
    rows = np.repeat(np.arange(len(asked)), [int((token_bytes[t] > 0).sum()) for t in asked])
    columns = (-np.log(chance), np.ones(len(truth)), token_bytes[truth], best == truth)
    return np.stack([np.bincount(rows, own, minlength=len(asked)) for own in columns], axis=1)


def _flat(
    texts: Texts, token_bytes: np.ndarray, order: int
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the tokens that can be hidden, and numbers of their contexts, the widest first."""
    size, tokens, before, behind = len(token_bytes), [], [], []
    for text in texts:
        is_text = token_bytes[text] > 0
        tokens.append(text[is_text])
        before.append(np.concatenate(([0], text[:-1]))[is_text])
        behind.append(np.concatenate((text[1:], [0]))[is_text])
    empty = [np.zeros(0, dtype=np.int64)]
    own, left, right = (np.concatenate(part or empty) for part in (tokens, before, behind))
    contexts = (np.zeros_like(own), left, left * size + right)
    return own, contexts[: order + 1]


def _times(
    pairs: np.ndarray, times: np.ndarray, contexts: np.ndarray, tokens: np.ndarray
) -> np.ndarray:
    """Return how often each token was seen in its context."""
    size = int(max(pairs[1].max(initial=0), tokens.max(initial=0))) + 1
    keys = pairs[0] * size + pairs[1]
    order = np.argsort(keys)
    keys, times = keys[order], times[order]
    wanted = contexts * size + tokens
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, times[place], 0)
