"""Drawing the next token, and the numbers that decide it.

Every draw is a pure function of (seed, place, row), so a text does not depend on what is written
beside it, nor on who draws: `lamina.networks.generation` does the same on tensors.

Source: Holtzman et al. 2019, "The curious case of neural text degeneration", arXiv:1904.09751
(nucleus, `top_p`); Fan et al. 2018, arXiv:1805.04833 (`top_k`); Salmon et al. 2011 (numbers by
counting).
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from lamina.runtime.errors import DataError

COLDEST = 1e-6
"""Temperatures below it take the likeliest token, as 0 does: scores over less are no numbers."""

_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingConfig:
    """How the next token is drawn."""

    temperature: float = 1.0
    """Divides the scores; 0 takes the likeliest token always."""
    top_p: float = 1.0
    """The likeliest tokens that together have this probability may be drawn, in (0, 1]."""
    top_k: int | None = None
    """At most so many of the likeliest tokens may be drawn; None for all."""

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise DataError(f"temperature must be 0 or above, got {self.temperature!r}. Try 0.8.")
        if not 0 < self.top_p <= 1:
            raise DataError(f"top_p must be in (0, 1], got {self.top_p!r}. Use 1 for all tokens.")
        if self.top_k is not None and self.top_k < 1:
            raise DataError(f"top_k must be at least 1, got {self.top_k!r}. Use null for all.")


def draw_tokens(scores: np.ndarray, config: SamplingConfig, chance: np.ndarray) -> np.ndarray:
    """Return one token per row.

    Args:
        scores: float [rows, tokens].
        config: How they are drawn.
        chance: float [rows], uniform in [0, 1).

    Returns:
        int64 [rows].
    """
    if config.temperature < COLDEST:
        return scores.argmax(axis=1)
    scaled = scores.astype(np.float32) / np.float32(config.temperature)
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares, axis=1, kind="stable")
    shares = np.take_along_axis(shares, order, axis=1)
    if config.top_k is not None:
        shares[:, config.top_k :] = 0.0
    # A token stays while those before it do not have the wanted probability yet.
    before = shares.cumsum(axis=1) - shares
    shares[before >= np.float32(config.top_p) * shares.sum(axis=1, keepdims=True)] = 0.0
    sums = shares.cumsum(axis=1)
    place = (sums <= chance[:, None].astype(np.float32) * sums[:, -1:]).sum(axis=1)
    place = np.minimum(place, (shares > 0).sum(axis=1) - 1)
    return np.take_along_axis(order, place[:, None], axis=1)[:, 0]


def uniform(seed: int, purpose: str, number: int, rows: np.ndarray) -> np.ndarray:
    """Return a number in [0, 1) for each row, float32, as `lamina.core.random.sample_uniform`.

    Args:
        seed: Decides them all.
        purpose: What they are for.
        number: Such as the place in a text.
        rows: int64 [rows], numbers of the rows, at least 0.
    """
    base = derive(seed, purpose, number)
    low, high = np.uint64(base & 0xFFFFFFFF), np.uint64((base >> 32) & 0xFFFFFFFF)
    own = rows.astype(np.uint64)
    state = _mix32((own & _LOW) ^ low)
    state = _mix32((state + (own >> np.uint64(32)) + high) & _LOW)
    state = _mix32(state)
    return (state >> np.uint64(8)).astype(np.float32) * np.float32(1.0 / (1 << 24))


def derive(seed: int, purpose: str, *numbers: int) -> int:
    """Return a 62-bit seed derived from all arguments.

    Args:
        seed: The seed of the run.
        purpose: What the numbers are for, such as "order" or "crop".
        *numbers: Epoch, step, fold and the like.
    """
    text = f"{seed}|{purpose}|" + "|".join(str(int(n)) for n in numbers)
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 2


def _mix32(value: np.ndarray) -> np.ndarray:
    """Return a 32-bit avalanche of whole numbers of 32 bits (Wellons 2018, "lowbias32")."""
    value = value ^ (value >> np.uint64(16))
    value = (value * np.uint64(0x7FEB352D)) & _LOW
    value = value ^ (value >> np.uint64(15))
    value = (value * np.uint64(0x846CA68B)) & _LOW
    return value ^ (value >> np.uint64(16))
