"""Ids of words that stand in no vocabulary: they tell how the word begins and ends.

A token id below the size of the vocabulary is a word of its own. One from there on is made of three
checksums of a word never counted: of its first letters, of its last letters and of the whole. So a
network that knows words only by their ids still sees that two new words are two, and one that
learns beginnings and endings recognises a part of each. The same checksums of the words in the
vocabulary are handed over in `InputSpec.spellings`.

Source: Bojanowski et al. 2017, arXiv:1607.04606 (words as sums of their pieces). Differs: two
pieces per word, so that a text stays one row of numbers.
"""

import zlib

import numpy as np
from torch import Tensor

NUM_PIECES = 4096
"""Checksums of beginnings, and as many of endings."""

NUM_LETTERS = 3
"""Letters of a beginning or an ending."""

_NUM_WHOLES = 120
"""Checksums of whole words; with 24 bits of pieces, ids stay below 2³¹."""


def spellings(words: tuple[str, ...] | list[str]) -> np.ndarray:
    """Return the checksums of the words' beginnings and endings, int64 [words, 2].

    Args:
        words: Any words.
    """
    found = np.empty((len(words), 2), dtype=np.int64)
    for place, word in enumerate(words):
        found[place, 0] = zlib.crc32(word[:NUM_LETTERS].encode()) % NUM_PIECES
        found[place, 1] = zlib.crc32(word[-NUM_LETTERS:].encode()) % NUM_PIECES
    return found


def ids_beyond(words: tuple[str, ...] | list[str], *, vocabulary_size: int) -> np.ndarray:
    """Return the ids of words outside a vocabulary, int64 [words].

    Args:
        words: The words.
        vocabulary_size: Ids below it are taken.
    """
    wholes = np.fromiter((zlib.crc32(w.encode()) for w in words), np.int64, len(words))
    pieces = spellings(words)
    rest = wholes % _NUM_WHOLES
    return vocabulary_size + pieces[:, 0] + NUM_PIECES * (pieces[:, 1] + NUM_PIECES * rest)


def pieces_beyond(ids: Tensor, *, vocabulary_size: int) -> tuple[Tensor, Tensor]:
    """Return the checksums of beginning and ending that ids beyond a vocabulary tell.

    Args:
        ids: Token ids, int64; those below the vocabulary's size give numbers without a meaning.
        vocabulary_size: The first id beyond.
    """
    rest = (ids - vocabulary_size).clamp_min(0)
    return rest % NUM_PIECES, (rest // NUM_PIECES) % NUM_PIECES
