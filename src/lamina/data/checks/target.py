"""Targets that cannot be learnt: missing, or always the same."""

import numpy as np

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext

_SOME = 0.05
_MOST = 0.9


def check_target(context: CheckContext) -> tuple[Finding, ...]:
    """Find a target that is missing in rows, or does not vary.

    Args:
        context: What to look at.
    """
    target = context.target
    if target is None or not len(context.train):
        return ()
    known = target.is_known
    missing = np.flatnonzero(~known)
    findings = []
    if len(missing):
        share = len(missing) / len(known)
        severity = "severe" if share >= _MOST else "warning" if share >= _SOME else "note"
        findings.append(
            Finding(
                check="target",
                severity=severity,
                message=f"The target {target.name!r} is missing in {len(missing):,} of "
                f"{len(known):,} rows ({share:.1%}); they are left out.",
                evidence=f"Rows {', '.join(str(row) for row in missing[:5])}.",
                remedy="Fill in the target, or keep these rows for prediction.",
                columns=(target.name,),
                rows=tuple(int(row) for row in missing[:100]),
            )
        )
    values = target.values[context.train]
    values = values[known[context.train]]
    if len(values) and (values == values[0]).all():
        what = target.classes[int(values[0])] if target.is_class else f"{values[0]:g}"
        findings.append(
            Finding(
                check="target",
                severity="severe",
                message=f"The target {target.name!r} is always {what!r} in the training rows.",
                evidence=f"{len(values):,} training rows with a target.",
                remedy="Choose another target, or split so that each part has several values.",
                columns=(target.name,),
            )
        )
    return tuple(findings)
