"""Words: a sentence as the list of its words, of which each is seen with its letters.

Cells are lists of text; a text is cut at blanks. A word becomes 22 numbers: its id in the
vocabulary of training, which knows it in small letters with zeros for digits, the shape it has
("Capitalised"), and its letters as they are written. Words outside the vocabulary have ids beyond,
made of checksums of their letters (see `core.spelling`), as in texts. A network that reads pieces
of words gets the first 16 of each behind these, cut as texts are (see `text.py`). What is read is
written once, in `runtime.modalities.words`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch

from lamina.core.errors import DataError
from lamina.core.records import InputSpec, Problem
from lamina.core.spelling import spellings
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.cells import is_plain
from lamina.data.modalities.text import Text
from lamina.data.ragged import Ragged
from lamina.runtime.document import Fields
from lamina.runtime.modalities.text import TextReader
from lamina.runtime.modalities.words import (
    FIRST,
    SHAPES,
    WordsReader,
    form_of,
    seen_letters,
    words_of,
)

_SHOWN_PROBLEMS = 20
_MOST_LETTERS = 1_000
_EXAMINED = 5_000
_FEW_REPEAT = 0.01


@final
@dataclass(frozen=True, kw_only=True)
class Words(AbstractModality):
    """Fitted state of a column of sentences."""

    name: ClassVar[str] = "words"
    kind: ClassVar[str] = "words"
    is_beside_aligned: ClassVar[bool] = True

    words: tuple[str, ...] = field(repr=False)
    """The vocabulary, by falling frequency; the first has id 2."""
    letters: tuple[str, ...] = field(repr=False)
    """Letters of training words, by falling frequency; the first has id 2."""
    max_length: int
    """Most words of a sentence; a longer one is not read."""
    pieces: Text | None = field(default=None, repr=False)
    """How words are cut into pieces as well; None where they are not."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like sentences.

        Args:
            column: Raw cells.
            role: "input" or "target"; words are no targets.
        """
        if role == "target":
            return Evidence(0.0, "the words of sentences cannot be predicted, only tags of them")
        share = share_that_repeats(column)
        if share < _FEW_REPEAT:
            return Evidence(0.0, "the cells are no lists in which texts come twice")
        return Evidence(0.995, f"in {share:.0%} of the lists a text comes twice, as in sentences")

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the vocabulary of training cells.

        Args:
            column: Raw cells of training rows.
            role: "input".
            options: `max_words` and `max_length`; `tokens`, `max_pieces` and `tokeniser` where
                words are to be cut into pieces, too.

        Raises:
            DataError: It is to be a target, or no cell has a word.
        """
        if role == "target":
            raise DataError(
                f"target {column.name!r} holds words, which cannot be predicted. Say that they are "
                f"tags of words with --as {column.name}=tag_sequence."
            )
        lists = as_lists(column)
        flat = lists.explode().drop_nulls().alias("word")
        if not len(flat):
            raise DataError(
                f"column {column.name!r} was to hold words, but no cell of {len(column):,} has one."
            )
        counts: Counter[str] = Counter()
        letters: Counter[str] = Counter()
        for word, times in flat.value_counts(name="times").iter_rows():
            counts[form_of(word)] += times
            for letter in seen_letters(word):
                letters[letter] += times
        del counts[""]
        # A word seen once teaches little about itself, but teaches what new words are like.
        least = 2 if len(column) >= 200 else 1
        kept = [(word, times) for word, times in counts.items() if times >= least]
        kept = sorted(kept, key=lambda pair: (-pair[1], pair[0]))[: options.max_words]
        common = sorted(letters.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_LETTERS]
        return cls(
            words=tuple(word for word, _ in kept),
            letters=tuple(letter for letter, _ in common),
            max_length=options.max_length,
            pieces=_learnt_pieces(lists, options),
        )

    def with_pieces(self, text: Text) -> Self:
        """Return the state of words that are cut into the pieces of a text, too.

        Args:
            text: How it is cut.
        """
        return replace(self, pieces=text)

    def encode(self, column: pl.Series) -> Encoded:
        """Return `Ragged` int32 [words, 22 or 38]; a sentence without words, or too long, fails.

        Args:
            column: Raw cells, of any rows.
        """
        lists = as_lists(column)
        lengths = lists.list.len().fill_null(0).cast(pl.Int64).to_numpy(writable=True)
        problems = {
            row: self._reader.problem_of(int(lengths[row]))
            for row in np.flatnonzero((lengths == 0) | (lengths > self.max_length)).tolist()
        }
        lengths[list(problems)] = 0
        known = pl.Series(lengths > 0)
        flat = lists.filter(known).explode().fill_null("").alias("word")
        distinct = flat.unique(maintain_order=True)
        places = pl.DataFrame({"word": distinct, "id": np.arange(len(distinct))})
        order = flat.to_frame().join(places, on="word", how="left", maintain_order="left")["id"]
        numbers = self._reader.numbers(distinct.to_list()).astype(np.int32)
        values = numbers[order.to_numpy()] if len(flat) else numbers[:0]
        failed = torch.zeros(len(column), dtype=torch.bool)
        failed[list(problems)] = True
        shown = list(problems.items())[:_SHOWN_PROBLEMS]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return Encoded(
            Ragged(torch.from_numpy(values), torch.from_numpy(offsets)),
            failed,
            tuple(Problem("", what) for _, what in shown),
            tuple(row for row, _ in shown),
        )

    def show(self, cell: Any) -> str:
        """Return the words with blanks between, cut off after 300 characters.

        Args:
            cell: A raw cell.
        """
        text = "missing" if cell is None else " ".join(self.parts(cell))
        return text if len(text) <= 300 else text[:297] + "..."

    def parts(self, cell: Any) -> tuple[str, ...]:
        """Return the words of a sentence as they are written.

        Args:
            cell: A raw cell.
        """
        return tuple(words_of(cell.to_list() if isinstance(cell, pl.Series) else cell) or ())

    def references(self, count: int) -> torch.Tensor:
        """Return the word that stands for not knowing one: the one without letters.

        Args:
            count: Not used: there is one.

        Returns:
            int64 [1, 22 or 38].
        """
        del count
        return torch.from_numpy(self._reader.numbers([""]))

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of a sentence.

        Args:
            column: Name of the column.
        """
        known = np.zeros((FIRST, 2), dtype=np.int64)
        return InputSpec(
            column,
            "words",
            (column,),
            (self._reader.width,),
            cardinalities=(len(SHAPES), FIRST + len(self.letters)),
            vocabulary_size=FIRST + len(self.words),
            spellings=np.concatenate([known, spellings(self.words)]),
            pieces=None if self.pieces is None else self.pieces.input_spec(column),
        )

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        document = {
            "words": list(self.words),
            "letters": list(self.letters),
            "max_length": self.max_length,
        }
        return document if self.pieces is None else document | {"pieces": self.pieces.to_document()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        WordsReader.from_document(document)
        fields = Fields(document, "words")
        return cls(
            words=fields.texts("words"),
            letters=fields.texts("letters"),
            max_length=fields.integer("max_length", least=1, most=1 << 24),
            pieces=Text.from_document(document["pieces"]) if "pieces" in document else None,
        )

    @cached_property
    def _reader(self) -> WordsReader:
        pieces = None
        if self.pieces is not None:
            pieces = TextReader.from_document(self.pieces.to_document())
        return WordsReader(self.words, self.letters, self.max_length, pieces)


def as_lists(column: pl.Series) -> pl.Series:
    """Return the words of each cell as a list of text, null where missing.

    Args:
        column: Raw cells: lists, or text that is cut at blanks.

    Raises:
        DataError: The cells are neither lists of single values nor single values.
    """
    kind = column.dtype
    if isinstance(kind, pl.List) and not kind.inner.is_nested() and kind.inner != pl.Binary:
        if kind.inner in (pl.String, pl.Null):
            return column.cast(pl.List(pl.String))
    elif not is_plain(column):
        raise DataError(
            f"column {column.name!r} holds {kind} cells, which are no words. Give lists of text, "
            "one per sentence."
        )
    cells = [words_of(cell.to_list() if isinstance(cell, pl.Series) else cell) for cell in column]
    return pl.Series(column.name, cells, dtype=pl.List(pl.String))


def _learnt_pieces(lists: pl.Series, options: ModalityOptions) -> Text | None:
    """Return how training sentences are cut into pieces; None where nobody asks for pieces."""
    if options.tokens == "words" and options.tokeniser is None:
        return None
    # As words are read one by one: each with the blank before it.
    sentences = (" " + lists.list.join(" ")).alias(lists.name)
    return Text.fit(sentences, role="input", options=options)


def share_that_repeats(column: pl.Series) -> float:
    """Return the share of lists of text in which one text comes twice; sets of labels have none.

    Args:
        column: Raw cells.
    """
    if column.dtype != pl.List(pl.String):
        return 0.0
    lists = column.drop_nulls()
    lists = lists.gather_every(max(1, len(lists) // _EXAMINED))
    lists = lists.filter(lists.list.len() > 1)
    if not len(lists):
        return 0.0
    return float((lists.list.n_unique() < lists.list.len()).sum()) / len(lists)
