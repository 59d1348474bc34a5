"""Tags: any number of labels per row (see `lamina.data.modalities.tags`)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import as_written
from lamina.runtime.document import Fields
from lamina.runtime.modalities.base import AbstractReader, Read

DELIMITERS = ("|", ";", ",")
"""Marks that part labels in a text cell, by how seldom they mean anything else."""

_BRACKETS = (
    re.compile(r"\[([^\[\]]*)\]\Z"),
    re.compile(r"\(([^()]*)\)\Z"),
    re.compile(r"\{([^{}]*)\}\Z"),
)
_QUOTES = " \t'\""


@final
class TagsReader(AbstractReader):
    """Reads labels.

    Args:
        levels: Labels, in the order of the outputs.
        delimiter: What parts the labels in text cells; "" for lists.
    """

    name: ClassVar[str] = "tags"
    kind: ClassVar[str] = "number"

    def __init__(self, levels: Sequence[str], delimiter: str) -> None:
        self._places = {level: place for place, level in enumerate(levels)}
        self._delimiter = delimiter or DELIMITERS[0]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a tags column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "tags")
        return cls(fields.texts("levels", least=1), fields.text("delimiter", ("", *DELIMITERS)))

    def read(self, cells: Sequence[Any]) -> Read:
        """Return float32 [rows, labels], 1 where the row has the label; NaN where missing.

        Args:
            cells: Raw cells: lists of text, or text.
        """
        values = np.zeros((len(cells), len(self._places)), dtype=np.float32)
        for row, cell in enumerate(cells):
            labels = self._split(cell)
            if labels is None:
                values[row] = np.nan
                continue
            for label in labels:
                place = self._places.get(label.strip(_QUOTES))
                if place is not None:
                    values[row, place] = 1.0
        return Read(values)

    def _split(self, cell: Any) -> list[str] | None:
        """Return the labels of a cell, or None where it is missing."""
        if isinstance(cell, (list, tuple, set, frozenset)) or _is_flat(cell):
            return [text for item in cell if (text := _label(item)) is not None]
        text = as_written(cell)
        if text is None:
            return None
        for pattern in _BRACKETS:
            # Lists written into a CSV cell come as ['a', 'b'].
            found = pattern.match(text)
            text = found[1] if found else text
        return text.split(self._delimiter)


def _label(item: Any) -> str | None:
    return item if isinstance(item, str) else as_written(item)


def _is_flat(cell: Any) -> bool:
    return isinstance(cell, np.ndarray) and cell.ndim == 1
