"""Ids of words that stand in no vocabulary: they tell how the word begins and ends.

A token id below the size of the vocabulary is a word of its own. One from there on is made of three
checksums of a word never counted: of its first letters, of its last letters and of the whole. So a
network that knows words only by their ids still sees that two new words are two, and one that
learns beginnings and endings recognises a part of each. The same checksums of the words in the
vocabulary are handed over in `InputSpec.spellings`.

Source: Bojanowski et al. 2017, arXiv:1607.04606 (words as sums of their pieces). Differs: two
pieces per word, so that a text stays one row of numbers.
"""

from torch import Tensor

from lamina.runtime.spelling import NUM_PIECES, ids_beyond, spellings

__all__ = ["NUM_PIECES", "ids_beyond", "pieces_beyond", "spellings"]


def pieces_beyond(ids: Tensor, *, vocabulary_size: int) -> tuple[Tensor, Tensor]:
    """Return the checksums of beginning and ending that ids beyond a vocabulary tell.

    Args:
        ids: Token ids, int64; those below the vocabulary's size give numbers without a meaning.
        vocabulary_size: The first id beyond.
    """
    rest = (ids - vocabulary_size).clamp_min(0)
    return rest % NUM_PIECES, (rest // NUM_PIECES) % NUM_PIECES
