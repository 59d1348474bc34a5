"""Classes of very different size: a network may answer the large one always and look good."""

import numpy as np

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext

_MIN_SHARE_OF_EVEN = 0.1
_FEW_ROWS = 10


def check_imbalance(context: CheckContext) -> tuple[Finding, ...]:
    """Find classes that are rare.

    Args:
        context: What to look at.
    """
    target = context.target
    if target is None or not target.is_class or len(target.classes) < 2:
        return ()
    answers = target.values[context.train]
    counts = np.bincount(answers[answers >= 0], minlength=len(target.classes))
    total = int(counts.sum())
    if total < 20:
        return ()
    limit = _MIN_SHARE_OF_EVEN * total / len(counts)
    rare = np.flatnonzero((counts < limit) | (counts < _FEW_ROWS))
    if not len(rare):
        return ()
    rare = rare[np.argsort(counts[rare], kind="stable")]
    shown = ", ".join(f"{target.classes[c]!r} ({counts[c]:,} rows)" for c in rare[:3])
    largest = int(counts.argmax())
    return (
        Finding(
            check="imbalance",
            severity="warning",
            message=f"{len(rare)} of {len(counts)} classes of {target.name!r} are rare in the "
            f"training part: {shown}.",
            evidence=f"The largest class {target.classes[largest]!r} has {counts[largest]:,} of "
            f"{total:,} rows.",
            remedy="Judge by balanced accuracy or average precision, not by accuracy; gather more "
            "rows of the rare classes, or join them.",
            columns=(target.name,),
        ),
    )
