"""Columns that are the same in every training row: nothing can be learnt from them."""

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext
from lamina.data.modalities.cells import as_text, is_plain
from lamina.data.schema import Column


def check_constants(context: CheckContext) -> tuple[Finding, ...]:
    """Find columns with one value only.

    Args:
        context: What to look at.
    """
    findings = []
    for column in context.schema.columns:
        if column.role not in ("input", "ignored") or _is_set_aside(column):
            continue
        cells = context.frame[column.name]
        if not is_plain(cells):
            continue
        text = as_text(cells.gather(context.train))
        values = text.drop_nulls().unique()
        if len(values) > 1 or (len(values) == 1 and text.null_count()) or len(text) < 2:
            continue
        what = f"always {values[0][:40]!r}" if len(values) else "always missing"
        findings.append(
            Finding(
                check="constant columns",
                severity="note" if column.role == "ignored" else "warning",
                message=f"Column {column.name!r} is {what} in the training rows"
                + (" and is left out." if column.role == "ignored" else "."),
                evidence=f"{len(text):,} training rows, {len(values)} distinct value.",
                remedy="Nothing can be learnt from it; drop it, or check how it was filled.",
                columns=(column.name,),
            )
        )
    return tuple(findings)


def _is_set_aside(column: Column) -> bool:
    """Return whether the user left the column out: then there is nothing to tell."""
    return column.overruled and column.role == "ignored"
