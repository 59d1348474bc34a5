"""What a server needs of a model: one function from raw rows to answers.

`lamina.runtime` gives it for an exported model; anything of this form can be served.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from lamina.runtime.signature import Field, Signature


class Function(Protocol):
    """The whole function from raw rows to answers."""

    @property
    def signature(self) -> Signature:
        """What it takes and gives."""

    @property
    def identity(self) -> str:
        """Hash of everything that decides its answers."""

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return one answer per row; a row that cannot be read says so under `signature.error`.

        Args:
            rows: Raw cells by column; a cell that is absent or None is missing.
        """


def typical_row(signature: Signature) -> dict[str, Any]:
    """Return a row that a sound model answers.

    Args:
        signature: What the model takes.
    """
    return {field.name: typical_cell(field) for field in signature.fields}


def typical_cell(field: Field) -> Any:
    """Return a typical cell of a column; of a picture, an even grey.

    Args:
        field: The column.
    """
    if field.modality != "image":
        return field.typical
    import numpy as np

    shape = (field.height, field.width) + ((3,) if field.channels == 3 else ())
    return np.full(shape, 128, dtype=np.uint8)
