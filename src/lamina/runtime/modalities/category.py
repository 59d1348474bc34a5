"""Category: one of a number of levels (see `lamina.data.modalities.category`)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import as_text
from lamina.runtime.document import Fields
from lamina.runtime.modalities.base import AbstractReader, Read


@final
class CategoryReader(AbstractReader):
    """Reads levels.

    Args:
        levels: Known levels as text; the first has the id 1.
    """

    name: ClassVar[str] = "category"
    kind: ClassVar[str] = "category"

    def __init__(self, levels: Sequence[str]) -> None:
        self._ids: dict[str | None, int] = {}
        for number, level in enumerate(levels, 1):
            # Levels may be spelt "1.0", and cells come as "1".
            self._ids.setdefault(as_text(level), number)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a category column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        return cls(Fields(document, "a category").texts("levels"))

    def read(self, cells: Sequence[Any]) -> Read:
        """Return int64 [rows, 1] ids, 0 where missing, rare or unseen.

        Args:
            cells: Raw cells.
        """
        ids = [[self._ids.get(as_text(cell), 0)] for cell in cells]
        return Read(np.array(ids, dtype=np.int64).reshape(-1, 1))
