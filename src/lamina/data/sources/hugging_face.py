"""Data sets of the Hugging Face `datasets` library, told by what they can do.

The library is not imported: an object with `features` and `column_names` whose slices are mappings
of lists is enough. Pictures are not decoded on the way (the Arrow view keeps their bytes), and
class numbers become class names. A mapping of several data sets gives a column `split`.

Format: https://huggingface.co/docs/datasets, classes Dataset, DatasetDict and ClassLabel.
"""

import io
from collections.abc import Iterator, Mapping
from typing import Any, final

import polars as pl

from lamina.data.sources.base import AbstractSource
from lamina.data.sources.cells import normalise
from lamina.data.sources.names import part_of_split
from lamina.data.sources.records import ColumnKinds

ROWS_PER_PIECE = 1024
"""Rows taken at a time; they may hold pictures."""


@final
class HuggingFaceSource(AbstractSource):
    """Rows of one data set, or of all parts of a mapping of them."""

    def __init__(self, dataset: Any) -> None:
        super().__init__("hugging face", type(dataset).__name__)
        is_mapping = isinstance(dataset, Mapping)
        self._parts: list[tuple[str | None, Any]] = (
            [(part_of_split(name) or str(name), part) for name, part in dataset.items()]
            if is_mapping
            else [(None, dataset)]
        )
        self._num_rows = sum(len(part) for _, part in self._parts)
        self._kinds: ColumnKinds | None = None

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for split, part in self._parts:
            view = part.with_format("arrow") if hasattr(part, "with_format") else part
            for start in range(0, len(part), ROWS_PER_PIECE):
                piece = view[start : min(len(part), start + ROWS_PER_PIECE)]
                frame = normalise(self._frame(piece))
                frame = _with_class_names(frame, part.features)
                if split is not None:
                    frame = frame.with_columns(pl.lit(split).alias("split"))
                yield frame

    def _frame(self, piece: Any) -> pl.DataFrame:
        if hasattr(piece, "__arrow_c_stream__"):
            return pl.DataFrame(piece)
        if self._kinds is None:
            self._kinds = self._see_all()
        return self._kinds.build(_records(piece))

    def _see_all(self) -> ColumnKinds:
        """Note the types of all cells, for a data set that has no Arrow view."""
        kinds = ColumnKinds()
        for _, part in self._parts:
            for start in range(0, len(part), ROWS_PER_PIECE):
                kinds.see(_records(part[start : min(len(part), start + ROWS_PER_PIECE)]))
        return kinds


def is_hugging_face(what: Any) -> bool:
    """Return whether an object behaves like a data set of the library, or a mapping of them.

    Args:
        what: The object.
    """
    if isinstance(what, Mapping):
        return bool(what) and all(is_hugging_face(part) for part in what.values())
    return (
        isinstance(getattr(what, "features", None), Mapping)
        and isinstance(getattr(what, "column_names", None), list)
        and hasattr(what, "__getitem__")
        and hasattr(what, "__len__")
    )


def _records(piece: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    columns = {name: [_encoded(cell) for cell in cells] for name, cells in piece.items()}
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def _encoded(cell: Any) -> Any:
    """Return a decoded picture as PNG, which loses nothing; other cells as they are."""
    if not (hasattr(cell, "save") and hasattr(cell, "getbands")):
        return cell
    buffer = io.BytesIO()
    cell.save(buffer, format="PNG")
    return buffer.getvalue()


def _with_class_names(frame: pl.DataFrame, features: Mapping[str, Any]) -> pl.DataFrame:
    for name, feature in features.items():
        kind = frame.schema.get(name)
        # Of a list, the feature of its elements has the names.
        names = getattr(getattr(feature, "feature", feature), "names", None)
        known = dict(enumerate(map(str, names or ())))  # -1 stands for an unknown class
        if known and kind is not None and kind.is_integer():
            frame = frame.with_columns(_named(pl.col(name), known))
        elif known and kind == pl.List(pl.Float64):
            element = _named(pl.element().cast(pl.Int64), known)
            frame = frame.with_columns(pl.col(name).list.eval(element))
    return frame


def _named(numbers: pl.Expr, known: Mapping[int, str]) -> pl.Expr:
    return numbers.replace_strict(known, default=None, return_dtype=pl.String)
