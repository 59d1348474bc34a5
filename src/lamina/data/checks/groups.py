"""One entity in both parts: the model recognises it and seems better than it is on new ones."""

import re

import numpy as np
import polars as pl

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext
from lamina.data.modalities.cells import as_text, is_plain

_ENTITY = re.compile(
    r"(patient|subject|person|user|customer|client|speaker|participant|household|family|session"
    r"|device|machine|store|shop|student|school|author|player|animal|group|entity|account)s?"
    r"([ _.-]?(id|nr|no|num|number|name|key|code))?$",
    re.IGNORECASE,
)
_MIN_ENTITIES = 10
_MIN_ROWS_EACH = 2.0
_MIN_SHARE = 0.2


def check_groups(context: CheckContext) -> tuple[Finding, ...]:
    """Find entities with rows in the training part and in the test part.

    Args:
        context: What to look at.
    """
    findings = []
    for column in context.schema.columns:
        cells = context.frame[column.name]
        is_group = column.role == "group"
        named = column.role in ("input", "ignored") and bool(_ENTITY.search(column.name))
        if not (is_group or named) or not is_plain(cells) or cells.dtype.is_float():
            continue
        finding = _finding(context, as_text(cells).rename(column.name), is_group=is_group)
        findings += [finding] if finding else []
    return tuple(findings)


def _finding(context: CheckContext, cells: pl.Series, *, is_group: bool) -> Finding | None:
    train, held = cells.gather(context.train), cells.gather(context.held)
    known = train.drop_nulls().unique()
    num_held = len(held) - held.null_count()
    if not len(known) or not num_held:
        return None
    seen = held.is_in(known.to_list()).fill_null(False).to_numpy()
    share = float(seen.sum()) / num_held
    repeats = (len(train) - train.null_count()) / len(known)
    if not is_group and (
        len(known) < _MIN_ENTITIES or repeats < _MIN_ROWS_EACH or share < _MIN_SHARE
    ):
        return None
    if not seen.any() or (not is_group and repeats > 0.2 * len(train)):
        return None
    rows = context.held[np.flatnonzero(seen)]
    return Finding(
        check="group leakage",
        severity="severe" if is_group else "warning",
        message=f"{int(seen.sum()):,} of {num_held:,} test rows ({share:.0%}) belong to a "
        f"{cells.name!r} that has rows in the training part too.",
        evidence=f"{len(known):,} different {cells.name!r} in the training part, "
        f"{repeats:.1f} rows each; for instance {str(cells[int(rows[0])])[:40]!r}.",
        remedy=(
            "The parts were given, by a source of their own or by marks: take these rows out of "
            "one of them, or let the rows be split anew"
            if is_group
            else f"Make {cells.name!r} the group column, so that all rows of one stay on one side"
        )
        + "; otherwise the figures hold for known ones only.",
        columns=(cells.name,),
        rows=tuple(int(row) for row in rows[:100]),
    )
