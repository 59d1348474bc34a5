"""How likely a text is heard in a sound, over all ways in which it can lie in time.

Source: Graves et al. 2006, "Connectionist temporal classification", equations 5 to 8 (the forward
variables). Differs: several sounds at a time.
"""

from collections.abc import Sequence

import numpy as np

from lamina.runtime.transcript_search import BLANK


def log_likelihoods(logs: np.ndarray, tokens: Sequence[int]) -> np.ndarray:
    """Return the log-probability of one text in each of several sounds, float64 [sounds].

    Minus infinity where a sound has too few steps for the text.

    Args:
        logs: float [sounds, steps, tokens], log-probabilities; NaN behind the end of a sound.
        tokens: The text.
    """
    states = np.full(2 * len(tokens) + 1, BLANK, dtype=np.int64)
    states[1::2] = tokens
    # From one token to the next no blank is needed, unless they are the same.
    is_skipped = np.zeros(len(states), dtype=bool)
    is_skipped[3::2] = states[3::2] != states[1:-2:2]
    ways = np.full((len(logs), len(states) + 2), -np.inf)  # two places that nothing leads from
    ways[:, 2] = 0.0  # before the first step: as if a blank had been heard
    ends = ways[:, 2:].copy()
    for step in range(logs.shape[1]):
        shares = logs[:, step, states].astype(np.float64)
        skipped = np.where(is_skipped, ways[:, :-2], -np.inf)
        before = np.logaddexp(ways[:, 2:], ways[:, 1:-1])
        found = np.logaddexp(before, skipped) + shares
        is_heard = ~np.isnan(shares[:, 0])
        ways[is_heard, 2:] = found[is_heard]
        ends = ways[:, 2:]
    whole: np.ndarray = np.logaddexp.reduce(ends[:, -2:], axis=1)
    return whole
