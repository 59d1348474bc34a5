"""Running all checks before training."""

import polars as pl

from lamina.core.records import Finding
from lamina.core.table import look_up
from lamina.data.checks.context import build_context
from lamina.data.checks.table import CHECKS
from lamina.data.schema import Schema
from lamina.data.splits import Split

SEVERITIES = ("severe", "warning", "note")
"""From what stops a run to what is merely said."""


def run_checks(
    frame: pl.DataFrame,
    schema: Schema,
    split: Split,
    *,
    seed: int,
    max_rows: int = 20_000,
    names: tuple[str, ...] | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with the data, the severest first.

    Args:
        frame: Raw cells of all rows.
        schema: What the columns are; need not be fitted.
        split: The parts.
        seed: Seed of the run; it decides which rows costly checks look at.
        max_rows: Rows that costly checks look at, at most.
        names: Which of CHECKS; None for all.

    Raises:
        ConfigError: A name is unknown.
    """
    chosen = tuple(CHECKS) if names is None else names
    checks = [look_up(CHECKS, name, what="check") for name in chosen]
    if not frame.height or not len(split.train):
        return ()
    context = build_context(frame, schema, split, seed=seed, max_rows=max_rows)
    findings = [finding for check in checks for finding in check(context)]
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
