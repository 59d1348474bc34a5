"""Identity: who or what a row shows, where others will have to be recognised than training showed.

A target like a category, but its values are no closed list. Identities of training rows are
numbered from 0; any other has a number beyond them that follows from its text, so that two rows of
it are known to be the same. Rows of one identity stay on one side of a split: what is measured is
how well identities are told apart that were never seen.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import InputSpec
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.cells import MISSING_LEVELS, as_text, is_plain, without_missing
from lamina.runtime.document import Fields

UNSEEN = "?"
"""What an identity is called that training never showed."""

_BYTES = 5  # of the number of an unseen identity: two of a million differ but once in a million


@final
@dataclass(frozen=True, kw_only=True)
class Identity(AbstractModality):
    """Fitted state of a column of identities."""

    name: ClassVar[str] = "identity"
    kind: ClassVar[str] = "category"
    is_input: ClassVar[bool] = False
    keeps_together: ClassVar[bool] = True

    known: tuple[str, ...]
    """Identities of training rows as text, in order."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return that nothing is taken for identities unasked.

        Args:
            column: Raw cells.
            role: "input" or "target".
        """
        del column, role
        return Evidence(0.0, "identities are asked for by name")

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the identities of training cells.

        Args:
            column: Raw cells of training rows.
            role: "target".
            options: `max_categories` bounds them.

        Raises:
            DataError: It is to be an input, cells are no single words or numbers, there are fewer
                than two identities or too many, or none comes twice.
        """
        if role != "target":
            raise DataError(
                f"column {column.name!r} holds identities, which are recognised and not read."
            )
        if not is_plain(column):
            raise DataError(
                f"target {column.name!r} has {column.dtype} cells, which are no names of "
                "identities. Give one text or number per row."
            )
        present = without_missing(as_text(column), MISSING_LEVELS).drop_nulls()
        known = sorted(present.unique().to_list())
        if len(known) < 2:
            found = f"only {known[0]!r}" if known else "no cell"
            raise DataError(
                f"target {column.name!r} has {found} in {len(column):,} training rows, and at "
                "least two identities are needed. Add rows of others."
            )
        if len(known) > options.max_categories:
            raise DataError(
                f"target {column.name!r} has {len(known):,} identities, more than max_categories = "
                f"{options.max_categories:,}. Raise it with --set data.fitting.max_categories."
            )
        if len(known) == len(present):
            raise DataError(
                f"target {column.name!r} is different in each of the {len(known):,} training rows, "
                "so nothing says what two rows of one identity have in common. Choose another."
            )
        return cls(known=tuple(known))

    def encode(self, column: pl.Series) -> Encoded:
        """Return int64 [rows], the number of each identity; a missing one fails.

        Args:
            column: Raw cells, of any rows.
        """
        text = without_missing(as_text(column), MISSING_LEVELS)
        numbers = {name: number for number, name in enumerate(self.known)}
        for name in text.unique().drop_nulls().to_list():
            if name not in numbers:
                numbers[name] = len(self.known) + _number(name)
        ids = [-1 if name is None else numbers[name] for name in text.to_list()]
        values = torch.tensor(ids, dtype=torch.int64)
        return Encoded(values.clamp(min=0), values < 0)

    def decode(self, values: Tensor) -> pl.Series:
        """Return the names that numbers stand for, "?" where training never showed them.

        Args:
            values: int64 [rows].
        """
        last = len(self.known)
        names = [self.known[i] if 0 <= i < last else UNSEEN for i in values.long().tolist()]
        return pl.Series("prediction", names, dtype=pl.String)

    def show(self, cell: Any) -> str:
        """Return the name of an identity.

        Args:
            cell: A raw cell.
        """
        return "missing" if cell is None else str(cell)

    def input_spec(self, column: str) -> InputSpec:
        """Refuse: identities are recognised and not read.

        Args:
            column: Name of the column.

        Raises:
            DataError: Always.
        """
        raise DataError(f"column {column!r} holds identities, which are recognised and not read.")

    @property
    def output_size(self) -> int:
        """Identities that training showed."""
        return len(self.known)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {"known": list(self.known)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        return cls(known=Fields(document, "identities").texts("known", least=2))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=_BYTES).digest(), "big")
