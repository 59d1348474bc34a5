"""Counted runs of tokens: the simple models of a language.

Source: Witten and Bell 1991, "The zero-frequency problem" (how much a longer run is trusted); Chen
and Goodman 1999 (interpolated runs of all orders).
"""

import numpy as np

from lamina.evaluation.baseline_models import BaselineData

ORDER = 5
"""Tokens of the longest run that is counted."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def unigrams(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:
    """Find a token as likely as it is frequent, whatever stands before it.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed.

    Source:
        Shannon 1948.
    """
    del seed
    return _likelihoods(train, test, order=1)


def ngrams(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:
    """Find a token as likely as it is frequent after the last four, three, two, one and none.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed.

    Source:
        Witten and Bell 1991. Differs: runs do not reach beyond the stretch that is scored.
    """
    del seed
    return _likelihoods(train, test, order=ORDER)


def has_tokens(data: BaselineData) -> bool:
    """Return whether there are texts cut without loss.

    Args:
        data: The rows.
    """
    return data.kind == "likelihoods" and bool(data.texts) and data.token_bytes is not None


def _likelihoods(train: BaselineData, test: BaselineData, *, order: int) -> np.ndarray:
    """Return nats, tokens and bytes of each row, float64 [rows, 3]."""
    assert train.token_bytes is not None
    sizes, vocabulary = train.token_bytes, len(train.token_bytes)
    seen, seen_rows = _flat(train)
    asked, rows = _flat(test)
    # An unknown token has a share of what was never seen.
    chance = np.full(len(asked), 1.0 / max(1, int((sizes > 0).sum())))
    for length in range(1, order + 1):
        runs, contexts = _keys(seen, seen_rows, length)
        wanted, before = _keys(asked, rows, length)
        kinds, first, times = np.unique(runs, return_index=True, return_counts=True)
        # How often each context occurs, and how many different tokens follow it.
        known, totals = np.unique(contexts, return_counts=True)
        place = np.searchsorted(known, contexts[first])
        followers = np.bincount(place, minlength=len(known))
        hits = _found(kinds, times, wanted)
        total, new = _found(known, totals, before), _found(known, followers, before)
        reaches = _reach(rows) >= length
        mixed = (hits + new * chance) / np.maximum(total + new, 1)
        chance = np.where(reaches & (total > 0), mixed, chance)
    counted = (sizes[np.minimum(asked, vocabulary - 1)] > 0) & (_reach(rows) >= 2)
    found = np.zeros((test.num_rows, 3))
    for column, weight in enumerate((-np.log(chance), np.ones(len(asked)), sizes[asked])):
        found[:, column] = np.bincount(rows, weight * counted, minlength=test.num_rows)
    return found


def _flat(data: BaselineData) -> tuple[np.ndarray, np.ndarray]:
    """Return all tokens one after the other, and the row of each."""
    assert data.texts is not None
    parts = [np.array(text.split(), dtype=np.int64) for text in data.texts[0]]
    tokens = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    return tokens, np.repeat(np.arange(len(parts)), [len(part) for part in parts])


def _reach(rows: np.ndarray) -> np.ndarray:
    """Return how many tokens of its row end at each token, itself included."""
    first = np.searchsorted(rows, rows, side="left")
    return np.arange(len(rows)) - first + 1


def _keys(tokens: np.ndarray, rows: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a number for the run that ends at each token, and for what stands before it in it.

    Runs that would begin in another row get a number of their own kind, and are never asked for.
    """
    values = tokens.astype(np.uint64) + np.uint64(1)
    context = np.zeros(len(tokens), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for back in range(length - 1, 0, -1):
            before = np.zeros_like(values)
            before[back:] = values[:-back]
            context = (context ^ before) * _FACTOR
            context ^= context >> np.uint64(29)
        run = (context ^ values) * _FACTOR
        run ^= run >> np.uint64(32)
    is_torn = _reach(rows) < length
    context[is_torn] = np.uint64(length)
    run[is_torn] = np.uint64(length)
    return run, context


def _found(keys: np.ndarray, counts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the count of each wanted key, 0 where it is unknown."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, counts[place], 0)
