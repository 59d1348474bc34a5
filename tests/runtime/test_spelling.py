"""Ids of words beyond a vocabulary: fixed for ever, since networks are trained on them."""

import zlib

from lamina.core import spelling as core
from lamina.runtime.spelling import NUM_PIECES, ids_beyond, spellings


def test_ids_are_made_of_checksums() -> None:
    begin, end = zlib.crc32(b"hel") % NUM_PIECES, zlib.crc32(b"llo") % NUM_PIECES
    assert spellings(["hello"]).tolist() == [[begin, end]]
    whole = zlib.crc32(b"hello") % 120
    expected = 10 + begin + NUM_PIECES * (end + NUM_PIECES * whole)
    assert ids_beyond(["hello"], vocabulary_size=10).tolist() == [expected]


def test_training_uses_the_same() -> None:
    assert core.ids_beyond is ids_beyond
