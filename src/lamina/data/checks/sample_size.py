"""A test part too small to tell good from bad."""

from math import sqrt

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext

_FEW = 100
_VERY_FEW = 30


def check_test_size(context: CheckContext) -> tuple[Finding, ...]:
    """Find a test part of too few rows.

    Args:
        context: What to look at.
    """
    rows = len(context.held)
    if rows >= _FEW or rows == 0:
        return ()
    points = 100 * 1.96 * sqrt(0.8 * 0.2 / rows)
    return (
        Finding(
            check="test size",
            severity="warning" if rows < _VERY_FEW else "note",
            message=f"The test part has {rows} rows only: an accuracy of 80 % would be uncertain "
            f"by about {points:.0f} points either way.",
            evidence=f"{rows} test rows, {len(context.train):,} training rows.",
            remedy="Gather more rows, or compare models by cross-validation.",
        ),
    )
