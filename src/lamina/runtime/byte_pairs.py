"""Byte-level BPE as in GPT-2 and RoBERTa: the bytes of words, joined pair by pair.

Source: Gage 1994; Sennrich, Haddow and Birch 2016, arXiv:1508.07909; Radford et al. 2019, "Language
models are unsupervised multitask learners" (bytes, and how texts are split before).
"""

import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, final

from lamina.runtime.subwords import CACHED, AbstractSubwords, Splitter

_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


@final
@dataclass(frozen=True, kw_only=True)
class BytePairs(AbstractSubwords):
    """Settings of byte-level BPE."""

    name: ClassVar[str] = "byte_pairs"

    merges: tuple[str, ...] = ()
    """Pairs of pieces that are joined, "left right", the first of them first."""
    adds_space: bool = False
    """A text that begins with no space gets one, so that its first word is like all others."""
    keeps_blanks: bool = False
    """Blanks around a text are part of it; else they are taken away, as from all other cells."""

    def bytes_of(self, piece: str) -> bytes:
        """Return the bytes that a piece spells; none where it is no run of bytes.

        Args:
            piece: A piece of the vocabulary.
        """
        known = _bytes_of_characters()
        return bytes(known[one] for one in piece) if known.keys() >= set(piece) else b""

    def splitter(self, vocabulary: Sequence[str]) -> Splitter:
        """Return what cuts texts.

        Args:
            vocabulary: The pieces in the order of their numbers.
        """
        numbers = {piece: number for number, piece in enumerate(vocabulary)}
        ranks: dict[tuple[str, str], int] = {}
        for rank, text in enumerate(self.merges):
            left, mark, right = text.partition(" ")
            if not mark or left + right not in numbers:
                raise ValueError(f"the pair {text!r} makes no piece of the vocabulary")
            ranks[left, right] = rank
        spelling = byte_characters()
        known: dict[str, list[int]] = {}

        def split(text: str) -> list[int]:
            if self.adds_space and text and not text.startswith(" "):
                text = f" {text}"
            found: list[int] = []
            for word in _pattern(is_ascii=text.isascii()).findall(text):
                pieces = known.get(word)
                if pieces is None:
                    letters = [spelling[byte] for byte in word.encode("utf-8", "replace")]
                    joined = _join(letters, ranks)
                    pieces = [numbers.get(piece, self.unknown) for piece in joined]
                    if len(known) < CACHED:
                        known[word] = pieces
                found += pieces
            return found

        return split


@lru_cache(maxsize=1)
def byte_characters() -> tuple[str, ...]:
    """Return the printable character that stands for each byte in a vocabulary."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    characters, beyond = [], 256
    for byte in range(256):
        characters.append(chr(byte if byte in printable else beyond))
        beyond += byte not in printable
    return tuple(characters)


@lru_cache(maxsize=1)
def _bytes_of_characters() -> dict[str, int]:
    return {character: byte for byte, character in enumerate(byte_characters())}


def _join(pieces: list[str], ranks: dict[tuple[str, str], int]) -> list[str]:
    """Return the pieces after all joinings, the pair of the lowest rank first."""
    most = len(ranks)
    while len(pieces) > 1:
        rank, place = min(
            (ranks.get(pair, most), place) for place, pair in enumerate(pairwise(pieces))
        )
        if rank == most:
            break
        pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
    return pieces


@lru_cache(maxsize=2)
def _pattern(*, is_ascii: bool) -> re.Pattern[str]:
    """Return what a word is: letters, digits or marks with the space before them, or spaces."""
    letter, digit = ("A-Za-z", "0-9") if is_ascii else (_ranges("L"), _ranges("N"))
    return re.compile(
        rf"'s|'t|'re|'ve|'m|'ll|'d| ?[{letter}]+| ?[{digit}]+| ?[^{_SPACE}{letter}{digit}]+"
        rf"|[{_SPACE}]+(?![^{_SPACE}])|[{_SPACE}]+"
    )


def _ranges(kind: str) -> str:
    """Return the characters of a class of Unicode as ranges of a regular expression."""
    found: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] == kind:
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in found)
