"""Columns and rows with little in them."""

import numpy as np
import polars as pl

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext
from lamina.data.modalities.cells import as_text, is_plain, without_missing

_MANY = 0.5
_EMPTY = 0.01


def check_missing(context: CheckContext) -> tuple[Finding, ...]:
    """Find input columns that are mostly empty, and rows without any input.

    Args:
        context: What to look at.
    """
    findings, blanks = [], []
    for column in context.schema.inputs:
        missing = _is_missing(context.frame[column.name])
        blanks.append(missing)
        share = float(missing[context.train].mean()) if len(context.train) else 0.0
        if share < _MANY:
            continue
        findings.append(
            Finding(
                check="missing values",
                severity="note",
                message=f"Column {column.name!r} is missing in {share:.1%} of the training rows.",
                evidence=f"{int(missing[context.train].sum()):,} of {len(context.train):,} cells.",
                remedy="Keep it if its absence says something; otherwise leave it out.",
                columns=(column.name,),
            )
        )
    empty = np.flatnonzero(np.all(blanks, axis=0)) if blanks else np.zeros(0, dtype=np.int64)
    if len(empty):
        findings.append(
            Finding(
                check="missing values",
                severity="warning" if len(empty) >= _EMPTY * len(blanks[0]) else "note",
                message=f"{len(empty):,} of {len(blanks[0]):,} rows have no input at all.",
                evidence=f"Rows {', '.join(str(row) for row in empty[:5])}.",
                remedy="Remove these rows.",
                rows=tuple(int(row) for row in empty[:100]),
            )
        )
    return tuple(findings)


def _is_missing(cells: pl.Series) -> np.ndarray:
    if cells.dtype == pl.String:
        return without_missing(as_text(cells)).is_null().to_numpy()
    if is_plain(cells) and cells.dtype.is_float():
        return (cells.is_null() | cells.is_nan().fill_null(False)).to_numpy()
    return cells.is_null().to_numpy()
