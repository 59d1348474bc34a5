"""What a server needs of a model: one function from raw rows to answers.

`lamina.runtime` gives it for an exported model; anything of this form can be served.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.signature import FILES, Field, Signature
from lamina.runtime.tracing import Tracing
from lamina.runtime.writing import Writing, WritingConfig


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

    def trace(self, row: Mapping[str, Any]) -> Tracing:
        """Return the answer of free length to a row, to be measured given other rows.

        Only asked where an answer is a written text, or tags of words.

        Args:
            row: Raw cells by column.

        Raises:
            DataError: The row cannot be read, or the file is too old for that.
        """

    def write(self, config: WritingConfig, sampling: SamplingConfig | None = None) -> Writing:
        """Return texts that go on from a prompt, to be taken step by step.

        Only asked where the signature has a `context`.

        Args:
            config: Prompt, number, length, seed, and where texts end.
            sampling: How tokens are drawn.
        """


def typical_row(signature: Signature) -> dict[str, Any]:
    """Return a row that a sound model answers.

    Args:
        signature: What the model takes.
    """
    return {field.name: typical_cell(field) for field in signature.fields}


def typical_cell(field: Field) -> Any:
    """Return a typical cell of a column; of a picture, an even grey, and of a sound, a low hum.

    Args:
        field: The column.
    """
    if field.modality not in FILES:
        return field.typical
    import numpy as np

    if field.modality == "sound":
        time = np.arange(field.rate) / field.rate
        return (3000 * np.sin(2 * np.pi * 110 * time)).astype(np.int16)

    shape = (field.height, field.width) + ((3,) if field.channels == 3 else ())
    return np.full(shape, 128, dtype=np.uint8)
