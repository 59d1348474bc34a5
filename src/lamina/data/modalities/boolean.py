"""Boolean: one of two values, such as yes and no.

As an input: 0 missing or neither, 1 the first value (false), 2 the second (true). As a target: two
classes, decoded to truth values where the cells were such, else to the two values themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import BundleError, DataError
from lamina.core.records import InputSpec
from lamina.data.modalities.base import (
    AbstractModality,
    Encoded,
    Evidence,
    ModalityOptions,
    none_failed,
)
from lamina.data.modalities.cells import as_text, as_written, is_plain, without_missing
from lamina.runtime.document import Fields

_PAIRS = (
    *(("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"), ("off", "on"), ("0", "1")),
    *(("wrong", "right"), ("absent", "present"), ("negative", "positive")),
)
_TRUTH_WORDS = ("false", "true")


@final
@dataclass(frozen=True, kw_only=True)
class Boolean(AbstractModality):
    """Fitted state of a boolean column."""

    name: ClassVar[str] = "boolean"
    kind: ClassVar[str] = "category"

    role: str
    """"input" or "target"."""
    values: tuple[str, str]
    """The two values as lower-case text, the false one first."""
    labels: tuple[str, str]
    """The two values as the training cells spell them."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like two values.

        Args:
            column: Raw cells.
            role: "input" or "target"; a target of two words keeps them as classes.
        """
        if not is_plain(column) or column.dtype.is_temporal():
            return Evidence(0.0, "the cells are no truth values")
        text = without_missing(as_text(column).str.to_lowercase()).drop_nulls()
        distinct = text.unique()
        if column.dtype == pl.Boolean:
            return Evidence(0.95, f"{len(text):,} of {len(column):,} cells are truth values")
        if len(distinct) != 2:
            return Evidence(0.0, f"{len(distinct):,} distinct cells, not two")
        values = distinct.sort().to_list()
        reason = f"{len(text):,} cells are {values[0]!r} or {values[1]!r}"
        if column.dtype.is_float() and not set(values) <= {"0", "1"}:
            # A measurement that happens to take two values may take others in new rows.
            return Evidence(0.6, f"{reason}; as numbers they may take other values")
        if role == "target" and tuple(values) != _TRUTH_WORDS:
            return Evidence(0.6, f"{reason}; as a target they are classes")
        return Evidence(0.95, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:  # noqa: ARG003
        """Return the two values of training cells.

        Args:
            column: Raw cells of training rows.
            role: "input" or "target".
            options: Nothing in it concerns truth values.

        Raises:
            DataError: There are more than two values, none, or fewer than two in a target.
        """
        text = without_missing(as_text(column).str.to_lowercase())
        values = text.drop_nulls().unique().sort().to_list()
        if len(values) > 2:
            raise DataError(
                f"column {column.name!r} was to be a boolean, but has {len(values):,} values "
                f"({', '.join(map(repr, values[:4]))}, ...). Make it a category instead."
            )
        if role == "target" and len(values) < 2:
            found = f"only the value {values[0]!r}" if values else "no value"
            raise DataError(
                f"target {column.name!r} has {found} in {len(column):,} training rows, and two are "
                "needed. Choose another target or add rows of the other value."
            )
        if not values:
            raise DataError(
                f"column {column.name!r} was to be a boolean, but no cell of {len(column):,} has a "
                "value."
            )
        first, second = _ordered(values)
        return cls(
            role=role,
            values=(first, second),
            labels=(_spelling(column, text, first), _spelling(column, text, second)),
        )

    def encode(self, column: pl.Series) -> Encoded:
        """Return int64 [rows, 1] ids of an input, or int64 [rows] classes of a target.

        Args:
            column: Raw cells, of any rows.
        """
        text = as_text(column).str.to_lowercase()
        # 1 and 0 mean true and false in any column of truth words.
        names = dict(zip(as_text(pl.Series(self.values)).to_list(), (1, 2)))
        if self.values in _PAIRS:
            names = {**{w: i + 1 for pair in _PAIRS[:6] for i, w in enumerate(pair)}, **names}
        ids = text.replace_strict(
            list(names), list(names.values()), default=0, return_dtype=pl.Int64
        )
        tensor = torch.from_numpy(ids.fill_null(0).to_numpy().copy())
        if self.role == "input":
            return Encoded(tensor[:, None], none_failed(len(column)))
        return Encoded((tensor - 1).clamp(min=0), tensor == 0)

    def decode(self, values: Tensor) -> pl.Series:
        """Return truth values, or the two labels.

        Args:
            values: int64 [rows], class indices 0 or 1.
        """
        is_second = pl.Series("prediction", values.detach().cpu().reshape(-1).numpy() == 1)
        if self.values == _TRUTH_WORDS:
            return is_second
        labels = pl.Series("prediction", self.labels, dtype=pl.String)
        return labels.gather(is_second.cast(pl.UInt32))

    @property
    def levels(self) -> tuple[str, str]:
        """The two classes as text, in the order of their indices."""
        return self.labels

    def show(self, cell: Any) -> str:
        """Return a value as text.

        Args:
            cell: A raw cell.
        """
        return "missing" if cell is None else str(cell)

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of one category of two levels.

        Args:
            column: Name of the column.
        """
        return InputSpec("category", "category", (column,), (1,), cardinalities=(3,))

    @property
    def output_size(self) -> int:
        """Two classes."""
        return 2

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {"role": self.role, "values": list(self.values), "labels": list(self.labels)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a boolean")
        values, labels = fields.texts("values", least=2), fields.texts("labels", least=2)
        if len(values) != 2 or len(labels) != 2:
            raise BundleError(f"a boolean has two values, got {len(values)}: the file is damaged.")
        return cls(
            role=fields.text("role", ("input", "target")),
            values=(values[0], values[1]),
            labels=(labels[0], labels[1]),
        )


def _ordered(values: list[str]) -> tuple[str, str]:
    """Return the values, the false one first; one that training never saw gets a name."""
    if len(values) == 2:
        swapped = (values[1], values[0])
        return swapped if swapped in _PAIRS else (values[0], values[1])
    for pair in _PAIRS:
        if values and values[0] in pair:
            return pair
    return (values[0] if values else "false", "true" if values != ["true"] else "other")


def _spelling(column: pl.Series, text: pl.Series, value: str) -> str:
    spelt = as_written(column).filter((text == value).fill_null(False))
    return str(spelt.mode().sort()[0]) if len(spelt) else value
