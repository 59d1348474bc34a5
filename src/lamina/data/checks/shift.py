"""Test rows that are unlike the training rows: figures then speak of other data than were learnt.

Source: Kolmogorov 1933 and Smirnov 1948 for numbers; total variation for categories; Rabanser,
Günnemann and Lipton 2019, "Failing loudly" (one test per column, Bonferroni). Differs: a shift must
be large as well as significant.
"""

import numpy as np

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext, ColumnView, TargetView

_ROWS = 5_000
_MIN_DISTANCE = 0.2
_MIN_HELD = 30
_RISK = 1e-4


def check_shift(context: CheckContext) -> tuple[Finding, ...]:
    """Find columns whose values differ between training and test rows.

    Args:
        context: What to look at.
    """
    train = context.sample(context.train, _ROWS, "shift train")
    held = context.sample(context.held, _ROWS, "shift held")
    columns = [*context.columns, *_as_columns(context.target)]
    if len(held) < _MIN_HELD or len(train) < _MIN_HELD or not columns:
        return ()
    risk = _RISK / len(columns)
    least = np.sqrt(-np.log(risk / 2) / 2 * (len(train) + len(held)) / (len(train) * len(held)))
    found = []
    for column in columns:
        first, second = column.values[train], column.values[held]
        distance = _categories(first, second) if column.is_category else _numbers(first, second)
        levels = len(np.unique(first[~np.isnan(first)])) if column.is_category else 1
        # Of many levels some differ by chance: the expected distance grows with their root.
        allowance = np.sqrt(levels / np.pi) * np.sqrt(1 / len(train) + 1 / len(held))
        if distance > max(_MIN_DISTANCE, least + (allowance if column.is_category else 0.0)):
            found.append((distance, column.name))
    if not found:
        return ()
    found.sort(reverse=True)
    shown = ", ".join(f"{name!r} ({distance:.2f})" for distance, name in found[:3])
    return (
        Finding(
            check="distribution shift",
            severity="warning",
            message=f"{len(found)} of {len(columns)} columns differ between training and test "
            f"rows: {shown}.",
            evidence=f"Largest distance of the distributions over {len(train):,} training and "
            f"{len(held):,} test rows, from 0 (equal) to 1 (apart); chance reaches {least:.2f}.",
            remedy="Expected if the test part is later in time or from elsewhere: the figures then "
            "speak of that. Otherwise split at random.",
            columns=tuple(name for _, name in found),
        ),
    )


def _as_columns(target: TargetView | None) -> list[ColumnView]:
    if target is None:
        return []
    values = target.values.astype(np.float64)
    values[~target.is_known] = np.nan
    return [ColumnView(target.name, target.is_class, values)]


def _numbers(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Kolmogorov-Smirnov distance; a missing cell counts as the lowest."""
    first, second = (np.sort(np.nan_to_num(v, nan=-np.inf)) for v in (first, second))
    every = np.concatenate([first, second])
    below = np.searchsorted(first, every, side="right") / len(first)
    other = np.searchsorted(second, every, side="right") / len(second)
    return float(np.abs(below - other).max())


def _categories(first: np.ndarray, second: np.ndarray) -> float:
    """Return the total variation distance; missing is a category."""
    codes = np.unique(np.concatenate([first, second]), return_inverse=True)[1]
    size = int(codes.max()) + 1
    one = np.bincount(codes[: len(first)], minlength=size) / len(first)
    two = np.bincount(codes[len(first) :], minlength=size) / len(second)
    return float(np.abs(one - two).sum() / 2)
