"""Text: sentences and longer, as word ids (see `lamina.data.modalities.text`)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import WHITE_SPACE, as_text
from lamina.runtime.characters import kinds_of, lower
from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError
from lamina.runtime.modalities.base import AbstractReader, Read
from lamina.runtime.spelling import ids_beyond
from lamina.runtime.subwords import Encoder, subwords_from_document

UNKNOWN = 1
"""The only token of an empty text."""

FIRST_WORD = 2
"""Id of the most frequent word."""

_TOKEN = re.compile(r"[stuv][mu]*|[lmnq]+(?:a[lmq]+)?|[pqr](?:[mu]|j[pqr]|k)*|[opak]")
"""A token in letters of kinds: a character of a spaceless script, a word, an emoji, or one mark."""

_PLAIN_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[!-/:-@\[-`{-~]")
"""The same of texts in lower-case ASCII, for which no kinds need be looked up."""

_BREAK = re.compile(f"<br[{WHITE_SPACE}]*/?>")


@final
class TextReader(AbstractReader):
    """Reads texts.

    Args:
        words: The vocabulary; the first has the id 2.
        max_length: Most tokens of one text.
        subwords: Cuts texts into the pieces of a pretrained network; None for words.
    """

    name: ClassVar[str] = "text"
    kind: ClassVar[str] = "text"

    def __init__(
        self, words: Sequence[str], max_length: int, subwords: Encoder | None = None
    ) -> None:
        self.words = tuple(words)
        """The vocabulary, without marks for padding and for nothing."""
        self._subwords = subwords
        self._keeps_blanks = subwords is not None and subwords.keeps_blanks
        self._ids = {word: place for place, word in enumerate(words, FIRST_WORD)}
        self._size = FIRST_WORD + len(words)
        self._max_length = max_length

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a text column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a text")
        words = fields.texts("words")
        max_length = fields.integer("max_length", least=1, most=1 << 24)
        if "subwords" not in document:
            return cls(words, max_length)
        try:
            how = subwords_from_document(document["subwords"])
            return cls(words, max_length, Encoder(words, how, max_length))
        except ValueError as error:
            raise BundleError(f"'subwords' of a text cannot be: {error}.") from error

    def read(self, cells: Sequence[Any]) -> Read:
        """Return token ids, one int64 array per row; an empty or missing text is one token.

        Args:
            cells: Raw cells.
        """
        values = np.empty(len(cells), dtype=object)
        for row, cell in enumerate(cells):
            is_kept = self._keeps_blanks and isinstance(cell, str)
            values[row] = self._encode(cell if is_kept else as_text(cell) or "")
        return Read(values)

    def pieces_of(self, word: str) -> list[int]:
        """Return the ids of the pieces of a word inside a sentence, without marks, at least one.

        Args:
            word: The word, without blanks around it.
        """
        assert self._subwords is not None, "a text that is cut into pieces"
        text = f" {word}" if self._keeps_blanks else word
        return [FIRST_WORD + piece for piece in self._subwords.inner(text)]

    def _encode(self, text: str) -> np.ndarray:
        if self._subwords is not None:
            return np.array(self._subwords(text), dtype=np.int64) + FIRST_WORD
        words = tokenise(text, most=self._max_length)
        found = [self._ids.get(word, 0) for word in words]
        new = [word for word, known in zip(words, found) if not known]
        ids = np.array(found or [UNKNOWN], dtype=np.int64)
        if new:
            ids[ids == 0] = ids_beyond(new, vocabulary_size=self._size)
        return ids


def tokenise(text: str, *, most: int) -> list[str]:
    """Return the tokens of a text.

    Args:
        text: The text.
        most: Most tokens to return.
    """
    text = _BREAK.sub(" ", lower(text))
    if text.isascii():
        return _PLAIN_TOKEN.findall(text)[:most]
    words: list[str] = []
    for found in _TOKEN.finditer(kinds_of(text)):
        if len(words) == most:
            break
        words.append(text[found.start() : found.end()])
    return words
