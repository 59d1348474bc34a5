"""Texts as the words that stand between blanks, as they are written; a line break is one, too.

What a language model of words reads: a closed vocabulary, one piece for every word outside it.

Source: Mikolov et al. 2010, "Recurrent neural network based language model" (`<unk>`, and a mark at
the end of each line, which here is the line break itself).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

from lamina.runtime.cells import WHITE_SPACE
from lamina.runtime.subwords import AbstractSubwords, Splitter

LINE_BREAK = "\n"
"""The piece at the end of a line."""

UNKNOWN_WORD = "<unk>"
"""The piece of a word outside the vocabulary."""

PATTERN = re.compile(f"\n|[^{WHITE_SPACE}]+")
"""What a piece is."""


@final
@dataclass(frozen=True, kw_only=True)
class PlainWords(AbstractSubwords):
    """Settings of words between blanks."""

    name: ClassVar[str] = "plain_words"
    keeps_blanks: ClassVar[bool] = True

    def splitter(self, vocabulary: Sequence[str]) -> Splitter:
        """Return what cuts texts.

        Args:
            vocabulary: The pieces in the order of their numbers.
        """
        marks = {*self.first, *self.last}
        numbers = {piece: n for n, piece in enumerate(vocabulary) if n not in marks}
        unknown = self.unknown

        def split(text: str) -> list[int]:
            return [numbers.get(word, unknown) for word in PATTERN.findall(text)]

        return split

    def bytes_of(self, piece: str) -> bytes:
        """Return the bytes of a word with a blank behind, or of a line break.

        Args:
            piece: The piece.
        """
        text = piece if piece == LINE_BREAK else f"{piece} "
        return text.encode("utf-8", "replace")
