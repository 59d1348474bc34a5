"""Columns that number or name the rows: a network learns them by heart and learns nothing else."""

import numpy as np

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext
from lamina.data.modalities.category import identifier_evidence
from lamina.data.modalities.cells import is_plain
from lamina.data.modalities.table import MODALITIES

_MIN_ROWS = 50
_DENSE = 1.5


def check_identifiers(context: CheckContext) -> tuple[Finding, ...]:
    """Find columns that are different in each row and carry no meaning.

    Args:
        context: What to look at.
    """
    findings = []
    views = {view.name: view for view in context.columns}
    for column in context.schema.columns:
        if column.role not in ("input", "ignored") or column.overruled:
            continue
        cells = context.frame[column.name]
        kind = MODALITIES[column.modality].value if column.modality else None
        if kind is not None and kind.holds_files:
            continue
        if not is_plain(cells) or column.modality in ("text", "datetime"):
            continue
        evidence = identifier_evidence(cells)
        reason = evidence.reason if evidence.score >= 0.9 else ""
        view = views.get(column.name)
        if not reason and view is not None and not view.is_category:
            reason = _numbering(view.values)
        if reason:
            findings.append(_finding(column.name, reason, is_left_out=column.role == "ignored"))
    return tuple(findings)


def _finding(name: str, reason: str, *, is_left_out: bool) -> Finding:
    return Finding(
        check="identifiers",
        severity="note" if is_left_out else "warning",
        message=f"Column {name!r} looks like an identifier of the rows"
        + (" and is left out." if is_left_out else "."),
        evidence=f"{reason[:1].upper()}{reason[1:]}.",
        remedy="Leave it out (role: ignored): what it predicts holds for these rows only. If it "
        "names an entity with several rows, make it the group column.",
        columns=(name,),
    )


def _numbering(values: np.ndarray) -> str:
    """Return why numbers are a mere numbering of the rows, or nothing."""
    if len(values) < _MIN_ROWS or np.isnan(values).any() or (values != np.round(values)).any():
        return ""
    if len(np.unique(values)) < len(values):
        return ""
    span = values.max() - values.min() + 1
    if span <= _DENSE * len(values):
        return (
            f"{len(values):,} different whole numbers from {values.min():.0f} to "
            f"{values.max():.0f}, hardly one left out"
        )
    steps = np.diff(values)
    if (steps > 0).all() or (steps < 0).all():
        return f"{len(values):,} different whole numbers in the order of the rows"
    return ""
