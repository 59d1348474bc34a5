"""Tags: any number of labels per row.

Cells are lists of text, or text in which a mark such as "|" parts the labels. One column per label,
1 where the row has it: float32 [rows, labels].
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import InputSpec
from lamina.data.modalities.base import (
    AbstractModality,
    Encoded,
    Evidence,
    ModalityOptions,
    none_failed,
    quantiles_of,
    read_quantiles,
)
from lamina.data.modalities.cells import as_text, as_written, is_plain, without_missing
from lamina.runtime.document import Fields

DELIMITERS = ("|", ";", ",")
"""Marks that part labels in a text cell, by how seldom they mean anything else."""

_BRACKETS = (r"^\[([^\[\]]*)\]$", r"^\(([^()]*)\)$", r"^\{([^{}]*)\}$")
_MAX_TARGET_LABELS = 10_000


@final
@dataclass(frozen=True, kw_only=True)
class Tags(AbstractModality):
    """Fitted state of a tags column."""

    name: ClassVar[str] = "tags"
    kind: ClassVar[str] = "number"

    role: str
    """"input" or "target"."""
    levels: tuple[str, ...]
    """Labels, in alphabetical order."""
    delimiter: str
    """What parts the labels in text cells; "" for lists."""
    counts: tuple[float, ...]
    """Training rows that have each label."""
    quantiles: np.ndarray = field(compare=False)
    """float32 [labels, 65], quantiles of the training values as encoded."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:  # noqa: ARG003
        """Return how much raw cells look like several labels.

        Args:
            column: Raw cells.
            role: "input" or "target".
        """
        if column.dtype == pl.List(pl.String):
            return Evidence(0.99, f"{len(column):,} cells are lists")
        if column.dtype != pl.String:
            return Evidence(0.0, "the cells are neither lists nor text")
        text = without_missing(as_text(column)).drop_nulls()
        for delimiter in DELIMITERS:
            reason = _joined_by(text, delimiter)
            if reason:
                return Evidence(0.86, reason)
        return Evidence(0.0, "no mark parts the cells into labels that recur")

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the labels of training cells.

        Args:
            column: Raw cells of training rows.
            role: "input" or "target".
            options: `max_labels` bounds the labels of an input.

        Raises:
            DataError: There is no label, or a target has more than 10,000.
        """
        delimiter = _delimiter(column)
        labels = _split(column, delimiter)
        counts = (
            labels.list.unique().explode().drop_nulls().alias("label").value_counts(name="rows")
        )
        if not len(counts):
            raise DataError(
                f"column {column.name!r} was to hold tags, but no cell of {len(column):,} has one."
            )
        if role == "target" and len(counts) > _MAX_TARGET_LABELS:
            raise DataError(
                f"target {column.name!r} has {len(counts):,} labels, more than "
                f"{_MAX_TARGET_LABELS:,}. Merge rare ones, or choose another target."
            )
        counts = counts.sort(["rows", "label"], descending=[True, False])
        kept = counts if role == "target" else counts.head(options.max_labels)
        kept = kept.sort("label")
        state = cls(
            role=role,
            levels=tuple(kept["label"].to_list()),
            delimiter=delimiter,
            counts=tuple(float(rows) for rows in kept["rows"].to_list()),
            quantiles=np.zeros((0, 65), dtype=np.float32),
        )
        encoded = state._multi_hot(labels)
        object.__setattr__(state, "quantiles", quantiles_of(encoded))
        return state

    def encode(self, column: pl.Series) -> Encoded:
        """Return float32 [rows, labels]; a missing input is NaN, a missing target fails.

        Args:
            column: Raw cells, of any rows.
        """
        labels = _split(column, self.delimiter)
        values = torch.from_numpy(self._multi_hot(labels))
        is_missing = torch.from_numpy(labels.is_null().to_numpy().copy())
        if self.role == "target":
            return Encoded(values, is_missing)
        values[is_missing] = torch.nan
        return Encoded(values, none_failed(len(column)))

    def decode(self, values: Tensor) -> pl.Series:
        """Return the labels whose score is at least one half, as lists or joined text.

        Args:
            values: float [rows, labels], probabilities or 0 and 1.
        """
        row, label = torch.nonzero(values.detach().cpu() >= 0.5, as_tuple=True)
        found = pl.DataFrame(
            {
                "row": row.numpy(),
                "label": pl.Series(self.levels, dtype=pl.String).gather(label.numpy()),
            }
        )
        grouped = found.group_by("row", maintain_order=True).agg("label")
        rows = pl.DataFrame({"row": np.arange(len(values))})
        lists = rows.join(grouped, on="row", how="left", maintain_order="left")["label"]
        lists = lists.fill_null([]).alias("prediction")
        return lists.list.join(self.delimiter) if self.delimiter else lists

    def show(self, cell: Any) -> str:
        """Return the labels with commas between.

        Args:
            cell: A raw cell.
        """
        if cell is None:
            return "missing"
        return cell if isinstance(cell, str) else ", ".join(map(str, cell))

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of one number per label.

        Args:
            column: Name of the column.
        """
        names = (column,) * len(self.levels)
        return InputSpec("number", "number", names, (len(names),), quantiles=self.quantiles)

    @property
    def output_size(self) -> int:
        """One number per label."""
        return len(self.levels)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "role": self.role,
            "levels": list(self.levels),
            "delimiter": self.delimiter,
            "counts": list(self.counts),
            "quantiles": self.quantiles.tolist(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "tags")
        levels = fields.texts("levels", least=1)
        return cls(
            role=fields.text("role", ("input", "target")),
            levels=levels,
            delimiter=fields.text("delimiter", ("", *DELIMITERS)),
            counts=fields.numbers("counts", count=len(levels)),
            quantiles=read_quantiles(fields, len(levels)),
        )

    def _multi_hot(self, labels: pl.Series) -> np.ndarray:
        values = np.zeros((len(labels), len(self.levels)), dtype=np.float32)
        pairs = pl.DataFrame({"row": np.arange(len(labels)), "label": labels}).explode("label")
        table = pl.DataFrame(
            {"label": pl.Series(self.levels, dtype=pl.String), "id": np.arange(len(self.levels))}
        )
        known = pairs.drop_nulls().join(table, on="label", how="inner")
        values[known["row"].to_numpy(), known["id"].to_numpy()] = 1.0
        return values


def _is_nested(kind: pl.DataType) -> bool:
    inner = getattr(kind, "inner", None)
    return inner is not None and any(inner == k for k in (pl.List, pl.Array, pl.Struct, pl.Binary))


def _joined_by(text: pl.Series, delimiter: str) -> str:
    """Return why cells look like labels parted by a mark, or ""."""
    sample = text.gather_every(max(1, len(text) // 5_000))
    if not len(sample) or sample.str.contains(delimiter, literal=True).sum() < 0.3 * len(sample):
        return ""
    labels = _split(sample, delimiter).explode().drop_nulls()
    distinct, longest = labels.n_unique(), int(labels.str.len_chars().max() or 0)  # type: ignore[arg-type]
    # Labels are short and recur; the parts of a sentence or a name do not. A number in every cell
    # speaks for a decimal comma or a list of measurements.
    recurs = len(labels) >= 5 * distinct and sample.n_unique() > min(distinct, len(sample) // 3) / 2
    is_numeric = labels.cast(pl.Float64, strict=False).null_count() < len(labels) / 2
    if not recurs or longest > 40 or is_numeric or distinct < 2:
        return ""
    return f"{distinct:,} labels, parted by {delimiter!r}, recur in {len(text):,} cells"


def _delimiter(column: pl.Series) -> str:
    if column.dtype == pl.List:
        return ""
    if not is_plain(column):
        raise DataError(
            f"column {column.name!r} holds {column.dtype} cells, which cannot be tags. Give lists "
            'of text, or text with "|" between the labels.'
        )
    text = as_text(column).drop_nulls()
    counts = [int(text.str.contains(mark, literal=True).sum()) for mark in DELIMITERS]
    return DELIMITERS[counts.index(max(counts))]


def _split(column: pl.Series, delimiter: str) -> pl.Series:
    """Return the labels of each cell as a list of text, null where missing."""
    if column.dtype == pl.List:
        labels = column.cast(pl.List(pl.String))
    elif is_plain(column):
        # Lists written into a CSV cell come as ['a', 'b'].
        text = as_written(column)
        for pattern in _BRACKETS:
            text = text.str.replace(pattern, "$1")
        labels = text.str.split(delimiter or DELIMITERS[0])
    else:
        return pl.Series(column.name, [None] * len(column), dtype=pl.List(pl.String))
    labels = labels.list.eval(pl.element().str.strip_chars(" \t'\""))
    return labels.list.eval(pl.element().filter(pl.element().str.len_chars() > 0))
