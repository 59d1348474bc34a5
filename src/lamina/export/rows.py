"""Raw rows of a frame as plain mappings, as whoever runs an exported model gives them."""

from typing import Any

import polars as pl

from lamina.data.modalities.table import MODALITIES
from lamina.data.plain_cells import cells_of
from lamina.data.schema import Schema

__all__ = ["cells_of", "rows_of"]


def rows_of(frame: pl.DataFrame, schema: Schema) -> list[dict[str, Any]]:
    """Return the input cells of rows as plain values; a file on disk as its bytes.

    Args:
        frame: Raw rows.
        schema: The fitted schema.
    """
    columns = [
        (
            column.name,
            cells_of(frame[column.name], is_file=MODALITIES[column.modality].value.holds_files),
        )
        for column in schema.inputs
    ]
    return [{name: cells[row] for name, cells in columns} for row in range(frame.height)]
