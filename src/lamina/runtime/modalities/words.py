"""Words: a sentence as the list of its words (see `lamina.data.modalities.words`).

Source: words begin inside a sentence, so that each is cut as if a blank stood before it: Liu et al.
2019, arXiv:1907.11692, as its tokeniser reads what is cut into words already.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import as_written
from lamina.runtime.characters import lower
from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError
from lamina.runtime.modalities.base import AbstractReader, Read
from lamina.runtime.modalities.text import TextReader
from lamina.runtime.spelling import ids_beyond

UNKNOWN = 1
"""Id of a word without letters, and of a letter that training never showed."""

FIRST = 2
"""Id of the most frequent word, and of the most frequent letter."""

NUM_LETTERS = 20
"""Letters of a word that are seen one by one: of a longer one as many at each end, half of them."""

WIDTH = 2 + NUM_LETTERS
"""Numbers of a word: its id, its shape, its letters."""

NUM_PIECES = 16
"""Numbers behind these where words are cut into pieces, too: the first ones of each."""

SHAPES = ("padding", "small", "Capitalised", "CAPITALS", "miXed", "number", "w1th digits", "mark")
"""How words can look, by id."""

_DIGIT = re.compile(r"\d")
_SHORT = 4
_MOST_CUT = 200  # characters of a word that are cut into pieces: of what is longer few are kept
_OPENING = "([{<\"'`“‘«¿¡"
_CLOSING = ")]}>\"'’”»,;:!?…"


@final
class WordsReader(AbstractReader):
    """Reads sentences.

    Args:
        words: The vocabulary, in small letters with zeros for digits; the first has the id 2.
        letters: The letters of training; the first has the id 2.
        max_length: Most words of a sentence.
        pieces: Cuts words into pieces; None for none.
    """

    name: ClassVar[str] = "words"
    kind: ClassVar[str] = "words"

    def __init__(
        self,
        words: Sequence[str],
        letters: Sequence[str],
        max_length: int,
        pieces: TextReader | None = None,
    ) -> None:
        self._ids = {word: place for place, word in enumerate(words, FIRST)}
        self._letters = {letter: place for place, letter in enumerate(letters, FIRST)}
        self._size = FIRST + len(words)
        self._max_length = max_length
        self._pieces = pieces
        self.width = WIDTH if pieces is None else WIDTH + NUM_PIECES
        """Numbers of a word."""
        self._known: dict[str, np.ndarray] = {}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a column of words.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "words")
        letters = fields.texts("letters")
        if any(len(letter) != 1 for letter in letters):
            raise fields.refusal("letters", letters, "a list of single letters")
        most = fields.integer("max_length", least=1, most=1 << 24)
        if "pieces" not in document:
            return cls(fields.texts("words"), letters, most)
        own = document["pieces"]
        if not isinstance(own, Mapping) or "subwords" not in own:
            raise BundleError("'pieces' of words must be a text that is cut into pieces.")
        return cls(fields.texts("words"), letters, most, TextReader.from_document(own))

    def read(self, cells: Sequence[Any]) -> Read:
        """Return int64 [words, 22 or 38] per row: id, shape, letters and pieces of each word.

        Args:
            cells: Raw cells: lists of text, or text that is cut at blanks.
        """
        values, errors = np.empty(len(cells), dtype=object), {}
        for row, cell in enumerate(cells):
            words = words_of(cell)
            problem = self.problem_of(len(words or ()))
            if problem:
                errors[row] = problem
                words = []
            values[row] = self.numbers(words or [])
        return Read(values, errors)

    def problem_of(self, count: int) -> str:
        """Return why a sentence of some words cannot be read; "" where it can.

        Args:
            count: How many words.
        """
        if count == 0:
            return "the sentence has no words"
        if count > self._max_length:
            return (
                f"the sentence has {count:,} words, and {self._max_length:,} are read at most: cut "
                "it into sentences"
            )
        return ""

    def numbers(self, words: Sequence[str]) -> np.ndarray:
        """Return the numbers of words, int64 [words, 22 or 38].

        Args:
            words: Any words.
        """
        found = np.zeros((len(words), self.width), dtype=np.int64)
        for place, word in enumerate(words):
            own = self._known.get(word)
            if own is None:
                own = self._numbers_of(word)
                if len(self._known) < 100_000:
                    self._known[word] = own
            found[place] = own
        return found

    def _numbers_of(self, word: str) -> np.ndarray:
        found = np.zeros(self.width, dtype=np.int64)
        found[1] = shape_of(word)
        if self._pieces is not None:
            pieces = self._pieces.pieces_of(word[:_MOST_CUT])[:NUM_PIECES]
            found[WIDTH : WIDTH + len(pieces)] = pieces
        form = form_of(word)
        if not form:
            found[0] = UNKNOWN
            return found
        beyond = ids_beyond([form], vocabulary_size=self._size)[0]
        found[0] = self._ids.get(form, int(beyond))
        letters = seen_letters(word)
        found[2 : 2 + len(letters)] = [self._letters.get(letter, UNKNOWN) for letter in letters]
        return found


def form_of(word: str) -> str:
    """Return the form under which a word is looked up: in small letters, with zeros for digits.

    Args:
        word: Any word.
    """
    # Words have no end in some files: what lies far beyond the longest tells nothing.
    return _DIGIT.sub("0", lower(word if len(word) <= 200 else word[:100] + word[-100:]))


def seen_letters(word: str) -> str:
    """Return the letters of a word that are seen one by one.

    Args:
        word: Any word.
    """
    half = NUM_LETTERS // 2
    return word if len(word) <= NUM_LETTERS else word[:half] + word[-half:]


def shape_of(word: str) -> int:
    """Return the place in `SHAPES` of how a word looks.

    Args:
        word: Any word.
    """
    word = seen_letters(word)
    has_digits = any(letter.isdecimal() for letter in word)
    if not any(letter.isalpha() for letter in word):
        return 5 if has_digits else 7
    if has_digits:
        return 6
    if word == word.lower():
        return 1
    if word == word.upper() and sum(letter.isalpha() for letter in word) > 1:
        return 3
    return 2 if word[1:] == word[1:].lower() else 4


def words_of(cell: Any) -> list[str] | None:
    """Return the words of a cell; None where it is missing.

    Args:
        cell: A list of words, or a text: it is cut at blanks, and marks at the ends of words stand
            alone.
    """
    if isinstance(cell, np.ndarray) and cell.ndim == 1:
        cell = cell.tolist()
    if isinstance(cell, (list, tuple)):
        return [_word(item) for item in cell]
    text = as_written(cell)
    if text is None:
        return None
    parts = text.split()
    last = len(parts) - 1
    return [
        word for place, part in enumerate(parts) for word in _parts(part, is_last=place == last)
    ]


def _word(item: Any) -> str:
    return item if isinstance(item, str) else as_written(item) or ""


def _parts(part: str, *, is_last: bool) -> list[str]:
    """Return a word with the marks around it, each alone; marks alone stay together."""
    start, end = 0, len(part)
    while start < end and part[start] in _OPENING:
        start += 1
    while end > start and part[end - 1] in _CLOSING:
        end -= 1
    core = part[start:end]
    tail = list(part[end:])
    # "U.N." and "Mrs." hold their points; "call.", or "cup." at the end, ends a sentence.
    is_ended = core.endswith(".") and "." not in core[:-1] and len(core) > 1
    if is_ended and (is_last or len(core) > _SHORT):
        core, tail = core[:-1], [".", *tail]
    return [*part[:start], *([core] if core else []), *tail]
