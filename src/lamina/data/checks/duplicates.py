"""Exact duplicates: test rows that stand in the training part too, and rows repeated in training.

A table of few coarse columns has equal rows by chance; how likely that is follows from how often
two cells of each column agree. Only rows that would not agree by chance count.

Source: Kaufman et al. 2012, "Leakage in data mining"; Barz and Denzler 2020, "Do we train on test
data?". Differs: the allowance for chance.
"""

import numpy as np
import polars as pl

from lamina.core.records import JOINED, Finding
from lamina.data.checks.context import CheckContext
from lamina.data.checks.thumbnails import content_keys
from lamina.data.modalities.cells import as_text, hashable, is_plain
from lamina.data.modalities.table import MODALITIES

MAX_CHANCE = 0.01
"""Rows that may agree by chance, at most, for equal rows to count as duplicates."""

_MAX_PICTURES = (3_000, 9_000)
_CHANCE_FACTOR = 100.0
_SEVERE_SHARE = 0.01
_RARE_SHARE = 0.003
_REPEATED_SHARE = 0.02
_SHORT_TEXT = 20


def check_duplicates(context: CheckContext) -> tuple[Finding, ...]:
    """Find test rows that occur in the training part, and repeated training rows.

    Args:
        context: What to look at.
    """
    train, held, keys = _row_keys(context)
    if not len(keys) or not len(train):
        return ()
    train_keys, held_keys = keys[: len(train)], keys[len(train) :]
    chance = chance_of_agreement(context, len(train))
    findings = []
    if chance <= MAX_CHANCE:
        shared = _shared(train, held, train_keys, held_keys)
        findings += [shared] if shared else []
        repeated = _repeated(context, train, train_keys)
        findings += [repeated] if repeated else []
    return tuple(findings)


def _shared(
    train: np.ndarray,
    held: np.ndarray,
    train_keys: np.ndarray,
    held_keys: np.ndarray,
) -> Finding | None:
    places = np.flatnonzero(np.isin(held_keys, train_keys))
    found = held[places]
    if not len(found):
        return None
    share = len(found) / max(1, len(held))
    twin = train[np.flatnonzero(train_keys == held_keys[places[0]])[0]]
    is_severe, is_rare = share >= _SEVERE_SHARE and len(found) >= 3, share < _RARE_SHARE
    return Finding(
        check="duplicates",
        severity="severe" if is_severe else "note" if is_rare else "warning",
        message=f"{len(found):,} of {len(held):,} test rows ({share:.1%}) stand in the training "
        "part too, so the test figures flatter the model.",
        evidence=f"All inputs are equal, for instance in rows {found[0]} and {twin}.",
        remedy="Remove the duplicates from one part, or let Lamina split the rows: it keeps equal "
        "rows on one side.",
        rows=tuple(int(row) for row in found[:100]),
    )


def _repeated(context: CheckContext, train: np.ndarray, keys: np.ndarray) -> Finding | None:
    values, first, counts = np.unique(keys, return_index=True, return_counts=True)
    extra = int((counts - 1).sum())
    share = extra / len(train)
    if share < _REPEATED_SHARE or extra < 5:
        return None
    is_extra = np.ones(len(train), dtype=bool)
    is_extra[first] = False
    return Finding(
        check="duplicates",
        severity="warning",
        message=f"{extra:,} of {len(train):,} training rows ({share:.1%}) repeat an earlier one.",
        evidence=f"{len(values):,} distinct rows; the most frequent one occurs {counts.max():,} "
        f"times.{_conflicts(context, train, keys)}",
        remedy="Remove repeated rows unless each stands for an event of its own: they count more "
        "than others.",
        rows=tuple(int(row) for row in train[is_extra][:100]),
    )


def _conflicts(context: CheckContext, train: np.ndarray, keys: np.ndarray) -> str:
    """Return a clause on equal inputs with different targets, or nothing."""
    target = context.target
    if target is None or not target.is_class:
        return ""
    pairs = pl.DataFrame({"key": keys, "target": target.values[train]})
    groups = pairs.group_by("key").agg(pl.col("target").n_unique(), pl.len().alias("rows"))
    several = int(groups.filter(pl.col("target") > 1)["rows"].sum())
    return f" {several:,} rows have equal inputs and different targets." if several else ""


def _row_keys(context: CheckContext) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the training and test rows looked at and one UInt64 key for each."""
    train, held = context.train, context.held
    names = [c.name for c in context.schema.inputs]
    images = [c.name for c in context.schema.inputs if MODALITIES[c.modality].value.holds_files]
    if images:
        held = context.sample(held, _MAX_PICTURES[0], "duplicate pictures")
        train = context.sample(train, _MAX_PICTURES[1], "duplicate pictures")
    rows = np.concatenate([train, held])
    parts = []
    for name in names:
        cells = context.frame[name]
        if name in images:
            parts.append(pl.Series(name, content_keys(cells, rows), dtype=pl.String))
        elif name in context.texts and cells.dtype == pl.String:
            text = cells.gather(rows).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ")
            text = text.str.strip_chars()
            parts.append(text.set((text.str.len_chars() < _SHORT_TEXT).fill_null(False), None))
        else:
            parts.append(hashable(cells.gather(rows)))
    if not parts:
        return train, held, np.zeros(0, dtype=np.uint64)
    frame = pl.DataFrame(parts)
    keys = frame.hash_rows(seed=17).to_numpy().copy()
    # Rows without a distinguishing cell are no duplicates of each other: each gets its own key.
    telling = [n for n in names if n in images or n in context.texts] or names
    blank = frame.select(pl.all_horizontal(pl.col(telling).is_null())).to_series().to_numpy()
    keys[blank] = np.arange(int(blank.sum()), dtype=np.uint64)
    return train, held, keys


def chance_of_agreement(context: CheckContext, num_train: int, *, without: str = "") -> float:
    """Return how many training rows would equal a row by chance, with room for dependence.

    Args:
        context: What to look at.
        num_train: Training rows compared with.
        without: A column that need not agree.

    Returns:
        Zero where there are texts, pictures or series, which do not agree by chance.
    """
    log_agree = 0.0
    rows = context.sample(context.train, 5_000, "duplicate chance")
    for column in context.schema.inputs:
        cells = context.frame[column.name].gather(rows)
        if MODALITIES[column.modality].value.kind not in JOINED:
            return 0.0
        if column.name == without or not is_plain(cells):
            continue
        shares = as_text(cells).rename("cell").value_counts(name="rows")["rows"].to_numpy()
        shares = shares / shares.sum()
        log_agree += float(np.log((shares**2).sum()))
    return num_train * _CHANCE_FACTOR * float(np.exp(log_agree))
