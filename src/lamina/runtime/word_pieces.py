"""WordPiece as in BERT: words cut, from the left, into the longest pieces of the vocabulary.

Source: Schuster and Nakajima 2012; Wu et al. 2016, arXiv:1609.08144; cleaning and splitting of
Devlin et al. 2018, arXiv:1810.04805.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, final

from lamina.runtime.subwords import CACHED, AbstractSubwords, Splitter

_ASCII_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")
_ASCII_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))
_SPACES = "\t\n\r"
_HAN = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


@final
@dataclass(frozen=True, kw_only=True)
class WordPieces(AbstractSubwords):
    """Settings of WordPiece."""

    name: ClassVar[str] = "word_pieces"

    lowercase: bool = True
    """Letters are made small."""
    strips_accents: bool = True
    """Marks over and under letters are left out."""
    splits_han: bool = True
    """Chinese characters stand alone."""
    continuation: str = "##"
    """Begins the pieces that continue a word."""
    max_characters: int = 100
    """Longest word that is cut; longer ones are unknown."""

    def splitter(self, vocabulary: Sequence[str]) -> Splitter:
        """Return what cuts texts.

        Args:
            vocabulary: The pieces in the order of their numbers.
        """
        numbers = {piece: number for number, piece in enumerate(vocabulary)}
        known: dict[str, list[int]] = {}

        def split(text: str) -> list[int]:
            found: list[int] = []
            for word in self.words(text):
                pieces = known.get(word)
                if pieces is None:
                    pieces = self._pieces(word, numbers)
                    if len(known) < CACHED:
                        known[word] = pieces
                found += pieces
            return found

        return split

    def words(self, text: str) -> list[str]:
        """Return the cleaned words and marks of a text.

        Args:
            text: Any text.
        """
        if text.isascii():
            text = text.translate(_ASCII_CONTROL)
            return _ASCII_WORD.findall(text.lower() if self.lowercase else text)
        text = "".join(_cleaned(character, self.splits_han) for character in text)
        if self.strips_accents:
            text = unicodedata.normalize("NFD", text)
            text = "".join(c for c in text if unicodedata.category(c) != "Mn")
        if self.lowercase:
            # Letter by letter: a sigma at the end of a word is no other letter here.
            text = "".join(map(str.lower, text))
        return "".join(map(_spaced, text)).split(" ") if text else []

    def _pieces(self, word: str, numbers: dict[str, int]) -> list[int]:
        if not word:
            return []
        if len(word) > self.max_characters:
            return [self.unknown]
        found, start, mark = [], 0, ""
        while start < len(word):
            for end in range(len(word), start, -1):
                number = numbers.get(mark + word[start:end])
                if number is not None:
                    break
            else:
                return [self.unknown]
            found.append(number)
            start, mark = end, self.continuation
        return found


@lru_cache(maxsize=1 << 16)
def _cleaned(character: str, splits_han: bool) -> str:  # noqa: FBT001 - cached by place
    """Return a character as it counts: nothing, a space, or itself."""
    if character in _SPACES:
        return " "
    # The reference keeps code points that stand for nothing yet.
    if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs"):
        return ""
    if character.isspace():
        return " "
    if splits_han and any(low <= ord(character) <= high for low, high in _HAN):
        return f" {character} "
    return character


@lru_cache(maxsize=1 << 16)
def _spaced(character: str) -> str:
    """Return a character with spaces around it where it is a mark; a space for a space."""
    is_mark = unicodedata.category(character)[0] == "P" or bool(
        character.isascii() and not character.isalnum() and not character.isspace()
    )
    if is_mark:
        return f" {character} "
    return " " if character.isspace() else character
