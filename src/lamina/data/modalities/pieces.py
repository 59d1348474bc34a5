"""A vocabulary of pieces that spell texts: bytes, bytes joined pair by pair, or words.

Piece 0 is a mark that stands before every text, and that no text can hold. The 256 bytes follow,
so that any script and any emoji can be read and written; or the words between blanks, of which
those beyond the vocabulary are one piece.

Source: Sennrich, Haddow and Birch 2016, arXiv:1508.07909; Radford et al. 2019, "Language models are
unsupervised multitask learners" (on bytes). Pairs are counted by the `tokenizers` library.
"""

import json
from collections import Counter
from itertools import islice

import polars as pl

from lamina.core.errors import DataError, MissingExtraError
from lamina.data.modalities.cells import as_text
from lamina.runtime.byte_pairs import BytePairs, byte_characters
from lamina.runtime.plain_words import LINE_BREAK, PATTERN, UNKNOWN_WORD, PlainWords
from lamina.runtime.subwords import AbstractSubwords

MARK = "<|endoftext|>"
"""The piece before every text."""

TOKENS = ("words", "plain_words", "bytes", "byte_pairs")
"""What texts can be cut into."""

_CHUNK_ROWS = 1_000


def raw_text(column: pl.Series) -> pl.Series:
    """Return cells as text with all their blanks; other cells as text.

    Args:
        column: Raw cells.
    """
    return column if column.dtype == pl.String else as_text(column)


def learn_pieces(
    column: pl.Series, *, tokens: str, max_pieces: int
) -> tuple[tuple[str, ...], AbstractSubwords]:
    """Return the vocabulary that training cells teach, and how texts are cut with it.

    Args:
        column: Raw cells.
        tokens: "bytes", "byte_pairs" or "plain_words".
        max_pieces: Most pieces, the mark and the bytes included; of bytes there are 257.

    Raises:
        DataError: No cell has a letter.
        MissingExtraError: Pairs need the `tokenizers` library.
    """
    cells = raw_text(column).drop_nulls()
    if not len(cells) or not int(cells.str.len_bytes().sum()):
        raise DataError(
            f"column {column.name!r} was to be text, but no cell of {len(column):,} has a letter."
        )
    if tokens == "plain_words":
        return _frequent_words(cells, max_pieces), PlainWords(first=(0,), unknown=1)
    merges = _merges(cells, max_pieces) if tokens == "byte_pairs" else ()
    joined = (left + right for left, _, right in (text.partition(" ") for text in merges))
    # Two pairs may make the same piece; it has one number.
    words = dict.fromkeys((MARK, *byte_characters(), *joined))
    return tuple(words), BytePairs(first=(0,), unknown=0, merges=merges, keeps_blanks=True)


def _frequent_words(cells: pl.Series, most: int) -> tuple[str, ...]:
    """Return the mark, the unknown word, the line break and the words by falling frequency."""
    counts: Counter[str] = Counter()
    for cell in cells:
        counts.update(PATTERN.findall(cell))
    # What is like an unknown word is learnt from rare ones, unless the text has them already.
    least = 1 if counts[UNKNOWN_WORD] or len(cells) < 200 else 2
    known = (MARK, UNKNOWN_WORD, LINE_BREAK)
    ranked = sorted((-times, word) for word, times in counts.items() if times >= least)
    words = (word for _, word in ranked if word not in known)
    return (*known, *islice(words, most))


def _merges(cells: pl.Series, max_pieces: int) -> tuple[str, ...]:
    """Return the pairs that are joined, the first of them first."""
    try:
        from tokenizers import ByteLevelBPETokenizer
    except ImportError as error:
        purpose = "Learning pairs of bytes"
        raise MissingExtraError("tokenizers", extra="text", purpose=purpose) from error
    learner = ByteLevelBPETokenizer()
    starts = range(0, len(cells), _CHUNK_ROWS)
    pieces = (cells.slice(start, _CHUNK_ROWS).to_list() for start in starts)
    learner.train_from_iterator(
        pieces, vocab_size=max_pieces - 1, min_frequency=2, show_progress=False
    )
    merges = json.loads(learner._tokenizer.to_str())["model"]["merges"]
    return tuple(pair if isinstance(pair, str) else " ".join(pair) for pair in merges)
