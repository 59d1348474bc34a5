"""Boolean: one of two values (see `lamina.data.modalities.boolean`)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import as_text
from lamina.runtime.document import Fields
from lamina.runtime.modalities.base import AbstractReader, Read

PAIRS = (
    *(("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"), ("off", "on"), ("0", "1")),
    *(("wrong", "right"), ("absent", "present"), ("negative", "positive")),
)
"""Words that mean false and true."""

TRUTH_PAIRS = PAIRS[:6]
"""Those that mean so in any column of truth words."""


@final
class BooleanReader(AbstractReader):
    """Reads two values.

    Args:
        values: The two values as lower-case text, the false one first.
    """

    name: ClassVar[str] = "boolean"
    kind: ClassVar[str] = "category"

    def __init__(self, values: Sequence[str]) -> None:
        names = {as_text(value) or value: place for place, value in enumerate(values, 1)}
        if tuple(values) in PAIRS:
            known = {word: place for pair in TRUTH_PAIRS for place, word in enumerate(pair, 1)}
            names = {**known, **names}
        self._ids = names

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a boolean column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a boolean")
        values = fields.texts("values", least=2)
        if len(values) != 2:
            raise fields.refusal("values", values, "two texts")
        return cls(values)

    def read(self, cells: Sequence[Any]) -> Read:
        """Return int64 [rows, 1]: 0 missing or neither, 1 the first value, 2 the second.

        Args:
            cells: Raw cells.
        """
        ids = [[self._ids.get((as_text(cell) or "").lower(), 0)] for cell in cells]
        return Read(np.array(ids, dtype=np.int64).reshape(-1, 1))
