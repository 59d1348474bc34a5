"""Cells and files that cannot be what their column says: put aside, and listed here."""

import numpy as np
import polars as pl

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext
from lamina.data.checks.mixed_types import MIN_FOREIGN
from lamina.data.checks.thumbnails import Thumbnails
from lamina.data.modalities.cells import as_text, parse_numbers, without_missing

_EXTREME = 1e5
_GARBLED = "[\ufffd\x00]"


def check_corruption(context: CheckContext) -> tuple[Finding, ...]:
    """Find broken pictures, garbled texts, foreign cells and impossible numbers.

    Args:
        context: What to look at.
    """
    findings = [
        _finding(
            pictures.column,
            np.array([row for row, _ in pictures.broken]),
            pictures.num_tried,
            "cannot be decoded as pictures",
            pictures.broken[0][1] if pictures.broken else "",
        )
        for pictures in context.pictures
    ]
    findings += [_left_out(pictures) for pictures in context.pictures if pictures.num_left_out]
    views = {view.name: view for view in context.columns}
    for column in context.schema.columns:
        if column.role not in ("input", "target") or column.modality == "image":
            continue
        cells = context.frame[column.name]
        if cells.dtype == pl.String:
            garbled = cells.str.contains(_GARBLED).fill_null(False).to_numpy()
            findings.append(_cell_finding(cells, garbled, "hold garbled characters or zero bytes"))
            if column.modality == "number":
                findings.append(_cell_finding(cells, _foreign(cells), "are no numbers"))
        if column.modality == "number" and column.name in views:
            values = views[column.name].values
            odd = _extreme(values) | _infinite(cells)
            findings.append(_cell_finding(cells, odd, "are infinite or absurdly large"))
    return tuple(finding for finding in findings if finding)


def _left_out(pictures: Thumbnails) -> Finding:
    return Finding(
        check="corrupt cells",
        severity="note",
        message=f"The checks looked at {pictures.num_tried:,} pictures of column "
        f"{pictures.column!r} and left {pictures.num_left_out:,} of their sample out.",
        evidence="Together they have too many bytes; those looked at were drawn at random.",
        remedy="Nothing need be done; smaller files would let the checks see more of them.",
        columns=(pictures.column,),
    )


def _foreign(cells: pl.Series) -> np.ndarray:
    """Return the cells that are no numbers, unless they are many: then the types are mixed."""
    parsed = parse_numbers(cells)
    foreign = parsed.num_present - parsed.num_numbers
    if not foreign or (foreign >= MIN_FOREIGN * parsed.num_present and foreign >= 2):
        return np.zeros(len(cells), dtype=bool)
    present = without_missing(as_text(cells)).is_not_null()
    return (present & parsed.values.is_null()).to_numpy()


def _extreme(values: np.ndarray) -> np.ndarray:
    known = values[~np.isnan(values)]
    if len(known) < 20:
        return np.zeros(len(values), dtype=bool)
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    scale = high - low if high > low else np.inf
    with np.errstate(invalid="ignore"):
        return np.abs(values - middle) > _EXTREME * scale


def _infinite(cells: pl.Series) -> np.ndarray:
    if not cells.dtype.is_float():
        return np.zeros(len(cells), dtype=bool)
    return cells.is_infinite().fill_null(False).to_numpy()


def _cell_finding(cells: pl.Series, is_bad: np.ndarray, what: str) -> Finding | None:
    rows = np.flatnonzero(is_bad)
    example = str(cells[int(rows[0])])[:40] if len(rows) else ""
    return _finding(cells.name, rows, len(cells), what, example)


def _finding(
    column: str, rows: np.ndarray, num_tried: int, what: str, example: str
) -> Finding | None:
    if not len(rows):
        return None
    share = len(rows) / max(1, num_tried)
    shown = ", ".join(str(int(row)) for row in rows[:5])
    return Finding(
        check="corrupt cells",
        severity="warning",
        message=f"{len(rows):,} of {num_tried:,} cells of column {column!r} ({share:.2%}) {what}; "
        "they are put aside.",
        evidence=f"Rows {shown}{' and more' if len(rows) > 5 else ''}; for instance {example!r}.",
        remedy="Mend or remove these cells; nothing is learnt from them.",
        columns=(column,),
        rows=tuple(int(row) for row in rows[:100]),
    )
