"""A vocabulary of pieces that spell any text without loss (see `lamina.data.modalities.pieces`)."""

from collections.abc import Sequence
from typing import final

from lamina.runtime.byte_pairs import byte_characters

FIRST_PIECE = 2
"""Id of the first piece; it is the mark before every text."""


@final
class Pieces:
    """From the ids of pieces to bytes and texts.

    Args:
        pieces: The vocabulary; the first is the mark.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        known = {character: byte for byte, character in enumerate(byte_characters())}
        self._bytes = [b""] * FIRST_PIECE + [
            bytes(known[c] for c in piece) if known.keys() >= set(piece) else b""
            for piece in pieces
        ]
        self._bytes[FIRST_PIECE] = b""

    def __len__(self) -> int:
        return len(self._bytes)

    def bytes_of(self, token: int) -> bytes:
        """Return the bytes that a piece stands for; none for marks.

        Args:
            token: Its id.
        """
        return self._bytes[token]

    def marks(self) -> tuple[int, ...]:
        """Return the ids that stand for no part of a text."""
        return tuple(token for token, own in enumerate(self._bytes) if not own)

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text that ids spell; what is no text is marked.

        Args:
            tokens: The ids.
        """
        return b"".join(self._bytes[token] for token in tokens).decode("utf-8", "replace")
