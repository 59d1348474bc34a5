"""Columns that mix numbers with other cells: some would be read as missing without a word."""

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext
from lamina.data.modalities.cells import parse_numbers

MIN_FOREIGN = 0.02
"""Share of foreign cells from which a column is mixed; fewer count as corrupt cells."""

_MIN_NUMBERS = 0.5
_MOSTLY = 0.8


def check_mixed_types(context: CheckContext) -> tuple[Finding, ...]:
    """Find columns in which most cells are numbers and some are not.

    Args:
        context: What to look at.
    """
    import polars as pl

    findings = []
    for column in context.schema.columns:
        cells = context.frame[column.name]
        if column.role not in ("input", "target") or cells.dtype != pl.String:
            continue
        if column.modality not in ("number", "category", "text"):
            continue
        parsed = parse_numbers(cells)
        foreign = parsed.num_present - parsed.num_numbers
        if not parsed.num_present or parsed.num_numbers < _MIN_NUMBERS * parsed.num_present:
            continue
        if foreign < MIN_FOREIGN * parsed.num_present or foreign < 2:
            continue
        is_number = column.modality == "number"
        is_mostly_number = parsed.num_numbers >= _MOSTLY * parsed.num_present
        findings.append(
            Finding(
                check="mixed types",
                severity="warning" if is_number or is_mostly_number else "note",
                message=f"Column {column.name!r} mixes numbers with {foreign:,} other cells "
                f"({foreign / parsed.num_present:.1%}), such as "
                + ", ".join(repr(cell[:30]) for cell in parsed.foreign)
                + (", which would be read as missing." if is_number else "."),
                evidence=f"{parsed.num_numbers:,} of {parsed.num_present:,} cells are numbers.",
                remedy="Mend the cells, or say what the column is (category or number).",
                columns=(column.name,),
            )
        )
    return tuple(findings)
