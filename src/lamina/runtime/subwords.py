"""Texts as pieces of words, as pretrained networks want them: WordPiece and byte-level BPE.

Plain Python, so that a bundle or an exported model needs no further library to go from raw text to
ids. A piece's number is its place in the vocabulary. Marks such as [SEP] are put around a text, but
never read out of it: what a user writes cannot pass for a mark.

Source: Wu et al. 2016, arXiv:1609.08144, as in BERT (WordPiece); Sennrich et al. 2016,
arXiv:1508.07909, on bytes as in GPT-2 (byte-level BPE). Differs: characters have the classes of
Python's Unicode tables, which are newer than those of the reference.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, final

Splitter = Callable[[str], list[int]]
"""From a text to the numbers of its pieces, without the marks around it."""

_LATER = {"keeps_blanks"}  # settings that older files lack, and which have their defaults there

CACHED = 1 << 17
"""Most words whose pieces are remembered."""


@dataclass(frozen=True, kw_only=True)
class AbstractSubwords(ABC):
    """How texts are cut into the pieces of a vocabulary."""

    name: ClassVar[str]
    """Name in documents."""

    first: tuple[int, ...] = ()
    """Pieces put before every text."""
    last: tuple[int, ...] = ()
    """Pieces put behind every text; they stay where a text is cut off."""
    unknown: int = 0
    """Piece of what the vocabulary cannot spell, and of an empty text without marks."""

    @abstractmethod
    def splitter(self, vocabulary: Sequence[str]) -> Splitter:
        """Return what cuts texts.

        Args:
            vocabulary: The pieces in the order of their numbers.

        Raises:
            ValueError: The vocabulary lacks a piece that is needed.
        """

    def bytes_of(self, piece: str) -> bytes:
        """Return the bytes of a text that a piece stands for; none where it is no part of one.

        Args:
            piece: A piece of the vocabulary.
        """
        del piece
        return b""

    def to_document(self) -> dict[str, Any]:
        """Return the settings as JSON-like values."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        return {"name": self.name, **plain}


@final
class Encoder:
    """From a text to the numbers of its pieces, marks included.

    Args:
        vocabulary: The pieces in the order of their numbers.
        subwords: How texts are cut.
        max_length: Most pieces of a text, marks included.

    Raises:
        ValueError: The vocabulary lacks a piece that is needed.
    """

    def __init__(
        self, vocabulary: Sequence[str], subwords: AbstractSubwords, max_length: int
    ) -> None:
        for number in (*subwords.first, *subwords.last, subwords.unknown):
            if not 0 <= number < len(vocabulary):
                raise ValueError(f"piece {number} is outside the vocabulary of {len(vocabulary)}")
        self.keeps_blanks: bool = getattr(subwords, "keeps_blanks", False)
        """Whether blanks around a text are part of it."""
        self._split = subwords.splitter(vocabulary)
        self._first, self._last = list(subwords.first), list(subwords.last)
        self._empty = [subwords.unknown]
        self._room = max(0, max_length - len(subwords.first) - len(subwords.last))

    def __call__(self, text: str) -> list[int]:
        """Return at least one piece.

        Args:
            text: Any text.
        """
        return self._first + self._split(text)[: self._room] + self._last or self._empty

    def inner(self, text: str) -> list[int]:
        """Return at least one piece, without the marks around a text.

        Args:
            text: Any text.
        """
        return self._split(text) or self._empty


def subwords_from_document(document: Any) -> AbstractSubwords:
    """Return how texts are cut from a document.

    Args:
        document: As `to_document` gave it, from a file that may be damaged.

    Raises:
        ValueError: A value is missing, unknown, or of the wrong type; the message names it.
    """
    from lamina.runtime.byte_pairs import BytePairs
    from lamina.runtime.plain_words import PlainWords
    from lamina.runtime.word_pieces import WordPieces

    kinds: dict[str, type[AbstractSubwords]] = {
        kind.name: kind for kind in (WordPieces, BytePairs, PlainWords)
    }
    name = document.get("name") if isinstance(document, Mapping) else None
    if not isinstance(name, str) or name not in kinds:
        raise ValueError(f"'name' must be {' or '.join(kinds)}")
    kind = kinds[name]
    example = asdict(kind())
    if not {"name", *example} - _LATER <= set(document) <= {"name", *example}:
        raise ValueError(f"settings must be {', '.join(example)}")
    values = {key: _like(key, document.get(key, old), old) for key, old in example.items()}
    return kind(**values)


def _like(name: str, value: Any, example: Any) -> Any:
    """Return a value of the type of an example."""
    if not isinstance(example, tuple):
        if type(value) is not type(example) or (type(value) is int and not 0 <= value < 1 << 40):
            raise ValueError(f"{name!r} must be like {example!r}")
        return value
    kind = str if name == "merges" else int
    if not isinstance(value, (list, tuple)) or any(type(item) is not kind for item in value):
        raise ValueError(f"{name!r} must be a list of {'texts' if kind is str else 'numbers'}")
    return tuple(value)
