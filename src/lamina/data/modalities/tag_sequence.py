"""Tags of words: one tag for each word of a sentence, in order.

Cells are lists of text. Where the tags mark spans ("B-LOC", "I-LOC", "O"), in whatever of the usual
ways, they are brought to one: a span begins with "B-" and goes on with "I-". Encoded to ids from 1
on; what training never showed has ids beyond, so that it counts as missed and is never answered.

Source: Ramshaw and Marcus 1995, "Text chunking using transformation-based learning" (IOB); Sang and
Veenstra 1999, "Representing text chunks" (its variants, of which BIO is IOB2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import InputSpec
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.series import is_list_of_numbers
from lamina.data.modalities.words import as_lists, share_that_repeats
from lamina.data.ragged import Ragged
from lamina.runtime.document import Fields
from lamina.runtime.spans import OUTSIDE

UNSEEN = "?"
"""What a tag, or the kind of a span, is called that training never showed."""

_SPAN = re.compile(r"([BIMELSU])-(.+)\Z", re.S)
_GOES_ON = ("I", "M", "E", "L")
_STAYS_OPEN = ("B", "I", "M")
_FEW_REPEAT = 0.01
_NAMED = re.compile(r"tag|ner|pos|chunk|slot|label", re.I)
_MOST_TAGS = 1_000
_EXAMINED = 5_000


@final
@dataclass(frozen=True, kw_only=True)
class TagSequence(AbstractModality):
    """Fitted state of a column of tags of words."""

    name: ClassVar[str] = "tag_sequence"
    kind: ClassVar[str] = "words"
    is_input: ClassVar[bool] = False
    is_aligned: ClassVar[bool] = True
    is_beside_aligned: ClassVar[bool] = True

    tags: tuple[str, ...] = field(repr=False)
    """The tags; the first has id 1. Of spans "O", then beginning and inside of each kind."""
    marks_spans: bool
    """Whether the tags mark spans, as "B-", "I-" and "O"."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like tags of words.

        Args:
            column: Raw cells.
            role: "input" or "target".
        """
        if isinstance(column.dtype, pl.Array):
            return Evidence(0.0, "arrays are no lists of tags")
        if role == "target" and is_list_of_numbers(column.dtype):
            column = as_lists(column.gather_every(max(1, len(column) // _EXAMINED)))
        share = share_that_repeats(column)
        if share < _FEW_REPEAT:
            return Evidence(0.0, "the cells are no lists in which texts come twice")
        tags = column.explode().drop_nulls().unique()
        are_spans = marks_spans(tags.to_list())
        reason = f"{len(tags):,} tags in lists, {share:.0%} of which hold one twice"
        if role == "target":
            return Evidence(0.995 if len(tags) <= _MOST_TAGS else 0.0, reason)
        # As an input it would be left out; so it must say so itself.
        is_named = _NAMED.search(column.name) is not None and len(tags) <= _MOST_TAGS
        return Evidence(0.998 if are_spans or is_named else 0.0, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the tags of training cells.

        Args:
            column: Raw cells of training rows.
            role: "target".
            options: Not used.

        Raises:
            DataError: It is to be an input, there is no tag, one holds a blank, or they are many.
        """
        del options
        if role != "target":
            raise DataError(
                f"column {column.name!r} holds tags of words, which are predicted and not read."
            )
        counts = as_lists(column).explode().drop_nulls().alias("tag").value_counts(name="times")
        counts = counts.filter(pl.col("tag") != "").sort(["times", "tag"], descending=[True, False])
        tags = counts["tag"].to_list()
        if not tags:
            raise DataError(
                f"target {column.name!r} was to hold tags of words, but no cell of "
                f"{len(column):,} has one."
            )
        blank = next((tag for tag in tags if tag.split() != [tag]), None)
        if blank is not None:
            raise DataError(
                f"target {column.name!r} has the tag {blank[:40]!r}, and a tag holds no blanks. "
                "Rename it, or say what the column is with --as."
            )
        if len(tags) > _MOST_TAGS:
            raise DataError(
                f"target {column.name!r} has {len(tags):,} tags, more than {_MOST_TAGS:,}. Merge "
                "rare ones, or choose another target."
            )
        if not marks_spans(tags):
            return cls(tags=tuple(tags), marks_spans=False)
        kinds = sorted({found[2] for tag in tags if (found := _SPAN.match(tag))})
        spans = [f"{mark}-{kind}" for kind in kinds for mark in ("B", "I")]
        return cls(tags=(OUTSIDE, *spans), marks_spans=True)

    def encode(self, column: pl.Series) -> Encoded:
        """Return `Ragged` int32 ids; a missing or empty cell fails.

        Args:
            column: Raw cells, of any rows.
        """
        lists = as_lists(column)
        lengths = lists.list.len().fill_null(0).cast(pl.Int64).to_numpy()
        flat = lists.filter(pl.Series(lengths > 0)).explode().fill_null("")
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        ids = self._spans(flat, offsets) if self.marks_spans else self._plain(flat)
        values = Ragged(torch.from_numpy(ids.astype(np.int32)), torch.from_numpy(offsets))
        return Encoded(values, torch.from_numpy(lengths == 0))

    def decode(self, values: Tensor) -> pl.Series:
        """Return the tags that ids stand for, as lists.

        Args:
            values: int [rows, length], padded with 0.
        """
        names = self.names
        rows = [[names[tag] for tag in row if tag > 0] for row in values.tolist()]
        return pl.Series("prediction", rows, dtype=pl.List(pl.String))

    def show(self, cell: Any) -> str:
        """Return the tags with blanks between, cut off after 300 characters.

        Args:
            cell: A raw cell.
        """
        text = "missing" if cell is None else " ".join(map(str, cell))
        return text if len(text) <= 300 else text[:297] + "..."

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of tags that a network is given so that it finds how likely they are.

        Args:
            column: Name of the column.
        """
        return InputSpec(column, "words", (column,), (), vocabulary_size=self.output_size)

    @property
    def output_size(self) -> int:
        """Ids that can be answered, that of the padding included."""
        return 1 + len(self.tags)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each id stands for, those that training never showed at the end."""
        beyond = (f"B-{UNSEEN}", f"I-{UNSEEN}") if self.marks_spans else (UNSEEN,)
        return ("", *self.tags, *beyond)

    def follows(self) -> np.ndarray:
        """Return which tag may stand behind which, bool [ids, ids]; the padding is the beginning.

        The inside of a span stands only behind its beginning or inside.
        """
        size = self.output_size
        found = np.ones((size, size), dtype=bool)
        if self.marks_spans:
            for inside in range(3, size, 2):
                found[:, inside] = False
                found[[inside - 1, inside], inside] = True
        return found

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {"tags": list(self.tags), "marks_spans": self.marks_spans}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "tags of words")
        tags, are_spans = fields.texts("tags", least=1), fields.boolean("marks_spans")
        marks = [tag[:2] for tag in tags[1:]]
        is_whole = tags[0] == OUTSIDE and marks == ["B-", "I-"] * (len(marks) // 2)
        if are_spans and not is_whole:
            raise fields.refusal("tags", tags, "O, then beginning and inside of each kind of span")
        return cls(tags=tags, marks_spans=are_spans)

    def _plain(self, flat: pl.Series) -> np.ndarray:
        known = {tag: place for place, tag in enumerate(self.tags, 1)}
        return _looked_up(flat, known, 1 + len(self.tags))

    def _spans(self, flat: pl.Series, offsets: np.ndarray) -> np.ndarray:
        """Return the ids of tags in any of the usual ways to mark spans."""
        distinct = flat.unique().to_list()
        read = {tag: _SPAN.match(tag) for tag in distinct}
        others = {found[2] for found in read.values() if found}
        others |= {tag for tag, found in read.items() if not found and tag != OUTSIDE}
        codes = {kind: place for place, kind in enumerate(sorted(others))}
        # A tag without a mark is a span of its own kind that goes on where it comes again.
        kinds = {t: codes[m[2] if (m := read[t]) else t] for t in distinct if t != OUTSIDE}
        marks = {t: (m[1] if (m := read[t]) else "I") for t in distinct if t != OUTSIDE}
        kind = _looked_up(flat, kinds, -1)
        goes_on = _looked_up(flat, {t: int(m in _GOES_ON) for t, m in marks.items()}, 0) > 0
        is_open = _looked_up(flat, {t: int(m in _STAYS_OPEN) for t, m in marks.items()}, 0) > 0
        before = np.concatenate([[-1], kind[:-1]])[: len(kind)]
        was_open = np.concatenate([[False], is_open[:-1]])[: len(kind)]
        starts = offsets[:-1][offsets[:-1] < offsets[1:]]
        was_open[starts] = False
        is_inside = goes_on & was_open & (before == kind)
        first = {name: place for place, name in enumerate(self.tags, 1)}
        begins = [first.get(f"B-{name}", 1 + len(self.tags)) for name in sorted(others)]
        ids = np.asarray([*begins, 0], dtype=np.int64)[kind] + is_inside
        return np.where(kind < 0, 1, ids)


def marks_spans(tags: list[str]) -> bool:
    """Return whether tags mark spans in one of the usual ways.

    Args:
        tags: Distinct tags.
    """
    are_spans = all(tag == OUTSIDE or _SPAN.match(tag) for tag in tags if tag)
    return are_spans and any(tag and tag != OUTSIDE for tag in tags)


def _looked_up(flat: pl.Series, table: Mapping[str, int], default: int) -> np.ndarray:
    """Return the number of each text, int64."""
    if not table or not len(flat):
        return np.full(len(flat), default, dtype=np.int64)
    rows = pl.DataFrame(
        {
            "tag": pl.Series(list(table), dtype=pl.String),
            "id": pl.Series(list(table.values()), dtype=pl.Int64),
        }
    )
    found = flat.alias("tag").to_frame().join(rows, on="tag", how="left", maintain_order="left")
    return found["id"].fill_null(default).to_numpy()
