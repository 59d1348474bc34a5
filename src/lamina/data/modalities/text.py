"""Text: sentences and longer, as word ids.

The tokeniser lower-cases, drops HTML line breaks and splits into words, punctuation marks and
emoji, in any script; characters of scripts written without spaces stand alone. It runs as polars
expressions, without Python per token. Ids: 0 padding, 1 an empty text, then words by falling
frequency; rarer and new words have ids beyond, made of checksums of their letters (see
`core.spelling`).

A text for a pretrained network is cut into the pieces of that network's own vocabulary instead (see
`runtime.subwords`), one for a network that writes into pieces that spell it without loss (see
`pieces.py`); their ids are the places in the vocabulary, from 2 on, and none lie beyond.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch

from lamina.core.errors import BundleError, DataError
from lamina.core.hub import model_folder
from lamina.core.records import InputSpec
from lamina.core.spelling import ids_beyond, spellings
from lamina.data.modalities.base import (
    AbstractModality,
    Encoded,
    Evidence,
    ModalityOptions,
    none_failed,
)
from lamina.data.modalities.cells import as_text, is_plain, without_missing
from lamina.data.modalities.pieces import learn_pieces, raw_text
from lamina.data.modalities.tokeniser_files import read_tokeniser
from lamina.data.ragged import Ragged, concatenate, ragged_from_lists
from lamina.runtime.document import Fields
from lamina.runtime.subwords import AbstractSubwords, Encoder, subwords_from_document

UNKNOWN = 1
"""The only token of an empty text."""

FIRST_WORD = 2
"""Id of the most frequent word."""

_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_PICTURE = r"\p{Extended_Pictographic}"
PATTERN = (
    rf"[{_SPACELESS}]\p{{M}}*"
    rf"|[[\p{{L}}\p{{M}}\p{{N}}]--[{_SPACELESS}]]+(?:['’][[\p{{L}}\p{{M}}]--[{_SPACELESS}]]+)?"
    rf"|{_PICTURE}(?:\p{{M}}|\x{{200D}}{_PICTURE}|[\x{{1F3FB}}-\x{{1F3FF}}])*"
    r"|[^\s\p{L}\p{M}\p{N}\p{C}]"
)
"""What a token is: a character of a spaceless script, a word, an emoji, or one mark."""

_CHUNK_ROWS = 20_000


@final
@dataclass(frozen=True, kw_only=True)
class Text(AbstractModality):
    """Fitted state of a text column."""

    name: ClassVar[str] = "text"
    kind: ClassVar[str] = "text"

    words: tuple[str, ...] = field(repr=False)
    """The vocabulary, by falling frequency, or that of a pretrained network; the first has id 2."""
    max_length: int
    """Most tokens of one text; the rest is cut off."""
    subwords: AbstractSubwords | None = field(default=None, repr=False)
    """How texts are cut into pieces of words; None for words."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like texts.

        Args:
            column: Raw cells.
            role: "input" or "target"; as a target only what is clearly text.
        """
        if column.dtype != pl.String:
            return Evidence(0.0, "the cells are no text")
        present = without_missing(as_text(column)).drop_nulls()
        if not len(present):
            return Evidence(0.0, "all cells are missing")
        distinct = present.n_unique()
        sample = present.gather_every(max(1, len(present) // 2_000))
        words = float(sample.str.count_matches(r"\S+").sum()) / len(sample)
        alone = float(sample.str.count_matches(rf"[{_SPACELESS}]").sum()) / len(sample)
        length = words + alone / 2
        reason = f"{length:.1f} words per cell, {distinct:,} distinct among {len(present):,} cells"
        share = distinct / len(present)
        if (length >= 2.5 and share >= 0.5) or (length >= 8 and share >= 0.1 and distinct > 50):
            return Evidence(0.85, reason)
        weak = f"{reason}, which is short or repetitive for texts"
        return Evidence(0.3 if role == "input" else 0.0, weak)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the vocabulary of training cells.

        Args:
            column: Raw cells of training rows.
            role: "input" or "target".
            options: `max_words`, `max_length`, `tokeniser`, `tokens` and `max_pieces`.

        Raises:
            DataError: The cells are no text, or a target is to be cut into words, which cannot be
                spelt again.
        """
        if not is_plain(column):
            raise DataError(
                f"column {column.name!r} cannot be read from {column.dtype} cells as text. Choose "
                "another modality for it."
            )
        if role == "target" and options.tokens in ("words", "plain_words"):
            raise DataError(
                f"column {column.name!r} cannot be a target as text cut into words. Set "
                'data.fitting.tokens to "bytes" or "byte_pairs".'
            )
        if options.tokeniser is not None:
            found = read_tokeniser(model_folder(options.tokeniser))
            length = min(options.max_length, found.max_length)
            return cls(words=found.words, max_length=length, subwords=found.subwords)
        if options.tokens != "words":
            most = options.max_words if options.tokens == "plain_words" else options.max_pieces
            pieces, how = learn_pieces(column, tokens=options.tokens, max_pieces=most)
            return cls(words=pieces, max_length=options.max_length, subwords=how)
        counts: pl.DataFrame | None = None
        for tokens in _chunks(column):
            found = tokens.explode().drop_nulls().alias("word").value_counts(name="times")
            joined = found if counts is None else pl.concat([counts, found])
            counts = joined.group_by("word").agg(pl.col("times").sum())
        if counts is None or not len(counts):
            raise DataError(
                f"column {column.name!r} was to be text, but no cell of {len(column):,} has a word."
            )
        # A word seen once teaches little about itself, but teaches what new words are like.
        least = 2 if len(column) >= 200 else 1
        counts = counts.filter(pl.col("times") >= least)
        counts = counts.sort(["times", "word"], descending=[True, False]).head(options.max_words)
        return cls(
            words=tuple(counts["word"].to_list()),
            max_length=options.max_length,
        )

    def encode(self, column: pl.Series) -> Encoded:
        """Return `Ragged` int32 word ids; an empty or missing text is one token of its own.

        Args:
            column: Raw cells, of any rows.
        """
        if self.subwords is not None:
            text = raw_text(column) if self._keeps_blanks else as_text(column)
            cells = text.fill_null("").to_list()
            rows = [[FIRST_WORD + piece for piece in self._encoder(cell)] for cell in cells]
            return Encoded(ragged_from_lists(rows), none_failed(len(column)))
        parts = [self._encode_chunk(tokens) for tokens in _chunks(column)]
        if not parts:
            empty = Ragged(torch.zeros(0, dtype=torch.int32), torch.zeros(1, dtype=torch.int64))
            return Encoded(empty, none_failed(0))
        return Encoded(concatenate(parts), none_failed(len(column)))

    @property
    def output_size(self) -> int:
        """Tokens that can be written; 0 where texts cannot be spelt again from theirs."""
        return FIRST_WORD + len(self.words) if self._keeps_blanks else 0

    def show(self, cell: Any) -> str:
        """Return a text, cut off after 300 characters.

        Args:
            cell: A raw cell.
        """
        text = "missing" if cell is None else str(cell)
        return text if len(text) <= 300 else text[:297] + "..."

    def parts(self, cell: Any) -> tuple[str, ...]:
        """Return the tokens of a text: words in lower case, or pieces with what they spell.

        Args:
            cell: A raw cell.
        """
        if self.subwords is not None:
            tokens = self.read("" if cell is None else str(cell))
            is_marked = self._keeps_blanks and bool(tokens) and not self._token_bytes[tokens[0]]
            spelt = tuple(map(self.spell, tokens))
            return ("(start)", *spelt[1:]) if is_marked else spelt
        (tokens,) = tokenise(pl.Series([cell], dtype=pl.String)).to_list()
        return tuple(tokens[: self.max_length]) if tokens else ("(empty)",)

    @property
    def glue(self) -> str:
        """A space between words; nothing between pieces that hold their own."""
        return "" if self._keeps_blanks else " "

    def spell(self, token: int) -> str:
        """Return the word of an id, for people.

        Args:
            token: The id.
        """
        place = token - FIRST_WORD
        if 0 <= place < len(self.words):
            is_spelt = self.glue == "" and self._token_bytes[token]
            return self.write([token]) if is_spelt else self.words[place]
        return {0: "(padding)", UNKNOWN: "(empty)"}.get(token, "(rare word)")

    def write(self, tokens: Sequence[int]) -> str:
        """Return the text that ids spell, marks and padding left out; what is no text is marked.

        Args:
            tokens: The ids.

        Raises:
            DataError: Texts cannot be spelt again from these ids.
        """
        if not self._keeps_blanks:
            raise DataError(
                "a text cannot be spelt again from words in lower case. Set data.fitting.tokens "
                'to "bytes" or "byte_pairs".'
            )
        return b"".join(map(self.bytes_of, tokens)).decode("utf-8", "replace")

    def bytes_of(self, token: int) -> bytes:
        """Return the bytes that an id of a text cut without loss stands for; none for marks.

        Args:
            token: The id.
        """
        if self.subwords is None or not self._token_bytes[token]:
            return b""
        return self.subwords.bytes_of(self.words[token - FIRST_WORD])

    def marks(self) -> tuple[int, ...]:
        """Return the ids that stand for no part of a text: padding, marks."""
        return tuple(np.flatnonzero(self._token_bytes == 0).tolist())

    def read(self, text: str) -> list[int]:
        """Return the ids of a text, the mark before it included.

        Args:
            text: Any text.
        """
        values = self.encode(pl.Series([text], dtype=pl.String)).values
        assert isinstance(values, Ragged)
        return [int(token) for token in values.values]

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of a text.

        Args:
            column: Name of the column.
        """
        size = FIRST_WORD + len(self.words)
        if self.subwords is not None:
            return InputSpec(
                column,
                "text",
                (column,),
                (),
                vocabulary_size=size,
                token_bytes=self._token_bytes if self._keeps_blanks else None,
                marks=(
                    tuple(FIRST_WORD + piece for piece in self.subwords.first),
                    tuple(FIRST_WORD + piece for piece in self.subwords.last),
                ),
            )
        return InputSpec(
            column,
            "text",
            (column,),
            (),
            vocabulary_size=size,
            spellings=np.concatenate([np.zeros((2, 2), dtype=np.int64), spellings(self.words)]),
        )

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        document = {"words": list(self.words), "max_length": self.max_length}
        if self.subwords is not None:
            document["subwords"] = self.subwords.to_document()
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a text")
        words = fields.texts("words")
        max_length = fields.integer("max_length", least=1, most=1 << 24)
        if "subwords" not in document:
            return cls(words=words, max_length=max_length)
        try:
            subwords = subwords_from_document(document["subwords"])
            Encoder(words, subwords, max_length)
        except ValueError as error:
            raise BundleError(f"'subwords' of a text cannot be: {error}.") from error
        return cls(words=words, max_length=max_length, subwords=subwords)

    @cached_property
    def _encoder(self) -> Encoder:
        assert self.subwords is not None
        return Encoder(self.words, self.subwords, self.max_length)

    @property
    def _keeps_blanks(self) -> bool:
        return bool(getattr(self.subwords, "keeps_blanks", False))

    @cached_property
    def _token_bytes(self) -> np.ndarray:
        """int64 [ids], bytes that each id stands for; 0 for marks."""
        assert self.subwords is not None
        marks = {*self.subwords.first, *self.subwords.last}
        sizes = [
            0 if place in marks else len(self.subwords.bytes_of(piece))
            for place, piece in enumerate(self.words)
        ]
        return np.array([0] * FIRST_WORD + sizes, dtype=np.int64)

    @cached_property
    def _vocabulary(self) -> pl.DataFrame:
        ids = np.arange(FIRST_WORD, FIRST_WORD + len(self.words), dtype=np.int32)
        return pl.DataFrame({"word": pl.Series(self.words, dtype=pl.String), "id": ids})

    def _encode_chunk(self, tokens: pl.Series) -> Ragged:
        tokens = tokens.list.head(self.max_length)
        lengths = tokens.list.len().fill_null(0).cast(pl.Int64).to_numpy()
        flat = tokens.explode().alias("word").to_frame()
        # An empty list explodes to one null, which becomes the one token wanted.
        found = flat.join(self._vocabulary, on="word", how="left", maintain_order="left")
        is_new = found["id"].is_null() & found["word"].is_not_null()
        ids = found["id"].fill_null(UNKNOWN).to_numpy(writable=True)
        if is_new.any():
            ids[is_new.to_numpy()] = self._ids_of_new(found["word"].filter(is_new))
        offsets = np.concatenate([[0], np.cumsum(np.maximum(lengths, 1))])
        return Ragged(torch.from_numpy(ids), torch.from_numpy(offsets))

    def _ids_of_new(self, words: pl.Series) -> np.ndarray:
        distinct = words.unique()
        size = FIRST_WORD + len(self.words)
        ids = ids_beyond(distinct.to_list(), vocabulary_size=size).astype(np.int32)
        table = pl.DataFrame({"word": distinct, "id": ids})
        joined = words.to_frame().join(table, on="word", how="left", maintain_order="left")
        return joined["id"].to_numpy()


def tokenise(column: pl.Series) -> pl.Series:
    """Return the tokens of each cell, a list of text; null where there are none.

    Args:
        column: Raw cells, plain.
    """
    text = as_text(column).fill_null("").str.to_lowercase()
    tokens = text.str.replace_all(r"<br\s*/?>", " ").str.extract_all(PATTERN)
    return tokens.set(tokens.list.len() == 0, None)


def _chunks(column: pl.Series) -> Any:
    """Yield the tokens of some rows at a time, so that memory stays bounded."""
    for start in range(0, len(column), _CHUNK_ROWS):
        yield tokenise(column.slice(start, _CHUNK_ROWS))
