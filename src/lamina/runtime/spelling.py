"""Ids of words that stand in no vocabulary; `lamina.core.spelling` says what they mean."""

import zlib
from collections.abc import Sequence

import numpy as np

NUM_PIECES = 4096
"""Checksums of beginnings, and as many of endings."""

NUM_LETTERS = 3
"""Letters of a beginning or an ending."""

_NUM_WHOLES = 120
"""Checksums of whole words; with 24 bits of pieces, ids stay below 2³¹."""


def spellings(words: Sequence[str]) -> np.ndarray:
    """Return the checksums of the words' beginnings and endings, int64 [words, 2].

    Args:
        words: Any words.
    """
    found = np.empty((len(words), 2), dtype=np.int64)
    for place, word in enumerate(words):
        found[place, 0] = zlib.crc32(word[:NUM_LETTERS].encode()) % NUM_PIECES
        found[place, 1] = zlib.crc32(word[-NUM_LETTERS:].encode()) % NUM_PIECES
    return found


def ids_beyond(words: Sequence[str], *, vocabulary_size: int) -> np.ndarray:
    """Return the ids of words outside a vocabulary, int64 [words].

    Args:
        words: The words.
        vocabulary_size: Ids below it are taken.
    """
    wholes = np.fromiter((zlib.crc32(w.encode()) for w in words), np.int64, len(words))
    pieces = spellings(words)
    rest = wholes % _NUM_WHOLES
    return vocabulary_size + pieces[:, 0] + NUM_PIECES * (pieces[:, 1] + NUM_PIECES * rest)
