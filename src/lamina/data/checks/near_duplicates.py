"""Near duplicates: test rows that are a training row with slight changes.

Pictures are compared as thumbnails, texts by the pairs of words they share, rows of a table by
their distance: a near duplicate is far nearer than the rows of these data are otherwise.

Source: Barz and Denzler 2020 (pictures); Broder 1997, "On the resemblance and containment of
documents" (shingles). Differs: all pairs of a bounded sample are compared, so no sketch is needed;
the distance of table rows is judged against the median distance to the nearest training row.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext
from lamina.data.checks.duplicates import MAX_CHANCE, chance_of_agreement
from lamina.data.checks.thumbnails import Thumbnails

_CORRELATION = 0.995
_RESEMBLANCE = 0.6
_MIN_WORDS = 6
_TEXT_ROWS = (1_500, 6_000)
_TEXT_CHARACTERS = 400
_TABLE_ROWS = (1_500, 8_000)
_NEAR = 0.03
_NEARER = 0.05
_NEXT = 4
_CHANGED_COLUMNS = 5
_CLOSE = 0.05
_MIN_CONTINUOUS = 4
_MIN_SHARE = 0.01


def check_near_duplicates(context: CheckContext) -> tuple[Finding, ...]:
    """Find test rows that are a slightly changed training row.

    Args:
        context: What to look at.
    """
    findings = [_picture_finding(context, pictures) for pictures in context.pictures]
    findings += [_text_finding(context, name) for name in context.texts]
    if not context.pictures and not context.texts:
        findings.append(_table_finding(context) or _one_changed(context))
    return tuple(finding for finding in findings if finding)


def _picture_finding(context: CheckContext, pictures: Thumbnails) -> Finding | None:
    is_held = np.isin(pictures.rows, context.held)
    scaled = _standardised(pictures.values)
    usable = pictures.values.std(1) > 2 if len(pictures.values) else np.zeros(0, dtype=bool)
    held, train = np.flatnonzero(is_held & usable), np.flatnonzero(~is_held & usable)
    pairs = []
    for start in range(0, len(held), 512):
        part = held[start : start + 512]
        alike = scaled[part] @ scaled[train].T if len(train) else np.zeros((len(part), 1))
        best = alike.argmax(1)
        for row in np.flatnonzero(alike.max(1) >= _CORRELATION):
            pairs.append((pictures.rows[part[row]], pictures.rows[train[best[row]]]))
    # Pairs that are equal byte by byte are the business of the check for duplicates.
    return _finding(context, pairs, len(held), pictures.column, "look the same at 16 × 16 pixels")


def _text_finding(context: CheckContext, name: str) -> Finding | None:
    from sklearn.feature_extraction.text import HashingVectorizer

    held = context.sample(context.held, _TEXT_ROWS[0], f"near {name}")
    train = context.sample(context.train, _TEXT_ROWS[1], f"near {name}")
    if not len(held) or not len(train):
        return None
    hasher = HashingVectorizer(
        ngram_range=(2, 2), binary=True, norm=None, n_features=2**20, alternate_sign=False,
        token_pattern=r"(?u)\b\w+\b",
    )  # fmt: skip
    cells = context.frame[name].cast(pl.String).str.slice(0, _TEXT_CHARACTERS).fill_null("")
    first = hasher.transform(cells.gather(held).to_list())
    second = hasher.transform(cells.gather(train).to_list())
    # Pairs of words that half the texts share say nothing and cost most.
    usual = np.asarray(second.sum(0)).reshape(-1) > max(20, 0.01 * len(train))
    keep = np.flatnonzero(~usual)
    first, second = first[:, keep], second[:, keep]
    sizes = np.asarray(first.sum(1)).reshape(-1), np.asarray(second.sum(1)).reshape(-1)
    common = (first @ second.T).tocoo()
    union = sizes[0][common.row] + sizes[1][common.col] - common.data
    long = (sizes[0][common.row] >= _MIN_WORDS) & (sizes[1][common.col] >= _MIN_WORDS)
    alike = long & (common.data >= _RESEMBLANCE * union) & (common.data < union)
    rows, places = np.unique(common.row[alike], return_index=True)
    pairs = [(held[r], train[common.col[alike][p]]) for r, p in zip(rows, places, strict=True)]
    return _finding(context, pairs, len(held), name, "share most pairs of words")


def _table_finding(context: CheckContext) -> Finding | None:
    held = context.sample(context.held, _TABLE_ROWS[0], "near rows")
    train = context.sample(context.train, _TABLE_ROWS[1], "near rows")
    columns = [
        column.values
        for column in context.columns
        if not column.is_category and _is_continuous(column.values[train])
    ]
    if len(columns) < _MIN_CONTINUOUS or len(held) < 20 or len(train) < 50:
        return None
    codes = [c.values for c in context.columns if c.is_category]
    values = np.stack(columns, 1)
    middle, spread = np.nanmedian(values[train], 0), _spread(values[train])
    scaled = np.nan_to_num(np.clip((values - middle) / spread, -5, 5)).astype(np.float32)
    nearest, distance, next_distance = _nearest(scaled[held], scaled[train])
    if not np.median(distance) > 0:
        return None
    near = (distance < _NEAR * np.median(distance)) & (distance > 0)
    # In a dense spot all rows are near: a duplicate is nearer than the next few as well.
    near &= distance < _NEARER * next_distance
    for code in codes:
        one, two = code[held], code[train[nearest]]
        near &= (one == two) | (np.isnan(one) & np.isnan(two))
    pairs = [(held[i], train[nearest[i]]) for i in np.flatnonzero(near)]
    return _finding(
        context,
        pairs,
        len(held),
        "",
        f"are nearer than {_NEAR:.0%} of the median distance over {len(columns)} number columns",
    )


def _one_changed(context: CheckContext) -> Finding | None:
    """Find test rows equal to a training row in all columns but one number, which is close."""
    names = [c.name for c in context.schema.inputs]
    keys = {name: context.frame[name].hash(seed=29).to_numpy() for name in names}
    whole = np.add.reduce(list(keys.values()))
    numbers = [c for c in context.columns if not c.is_category]
    numbers.sort(key=lambda c: -len(np.unique(c.values[context.train])))
    pairs: dict[int, tuple[np.int64, np.int64]] = {}
    for column in numbers[:_CHANGED_COLUMNS]:
        chance = chance_of_agreement(context, len(context.train), without=column.name)
        if len(names) < 2 or chance > MAX_CHANCE:
            continue
        rest = whole - keys[column.name]
        order = context.train[np.argsort(rest[context.train], kind="stable")]
        place = np.searchsorted(rest[order], rest[context.held])
        twin = order[np.minimum(place, len(order) - 1)]
        gap = np.abs(column.values[context.held] - column.values[twin])
        near = (rest[twin] == rest[context.held]) & (whole[twin] != whole[context.held])
        near &= gap < _CLOSE * _spread(column.values[context.train][:, None])[0]
        for one, two in zip(context.held[near], twin[near], strict=True):
            pairs.setdefault(int(one), (one, two))
    how = "differ in one number only, and by little"
    return _finding(context, list(pairs.values()), len(context.held), "", how)


def _finding(
    context: CheckContext,
    pairs: list[tuple[np.int64, np.int64]],
    num_held: int,
    column: str,
    how: str,
) -> Finding | None:
    pairs = [pair for pair in pairs if not _is_same(context, *pair)]
    share = len(pairs) / max(1, num_held)
    if len(pairs) < 3 or share < _MIN_SHARE:
        return None
    shown = ", ".join(f"{one} and {two}" for one, two in pairs[:3])
    return Finding(
        check="near duplicates",
        severity="severe" if share >= 0.05 else "warning",
        message=f"{len(pairs):,} of {num_held:,} test rows looked at ({share:.1%}) are a slightly "
        "changed training row, so the test figures flatter the model.",
        evidence=f"They {how}, for instance rows {shown}.",
        remedy="Keep such rows on one side of the split, for instance with a group column.",
        columns=(column,) if column else tuple(c.name for c in context.columns),
        rows=tuple(int(one) for one, _ in pairs[:100]),
    )


def _is_same(context: CheckContext, one: np.int64, two: np.int64) -> bool:
    """Return whether two rows have equal inputs, which the check for duplicates tells."""
    names = [c.name for c in context.schema.inputs]
    pair = context.frame.select(names)[[int(one), int(two)]]
    return all(_equal(pair[name]) for name in names)


def _equal(cells: pl.Series) -> bool:
    if isinstance(cells.dtype, pl.Array):
        values = cells.to_numpy()
        return bool((values[0] == values[1]).all())
    first, second = cells.to_list()
    return bool(first == second)


def _standardised(values: np.ndarray) -> np.ndarray:
    centred = values - values.mean(1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)


def _is_continuous(values: np.ndarray) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0.5 * len(values) and len(np.unique(known)) > max(30, 0.1 * len(known))


def _spread(values: np.ndarray) -> np.ndarray:
    low, high = np.nanquantile(values, [0.25, 0.75], axis=0)
    deviation = np.nanstd(values, axis=0)
    return np.where(high > low, (high - low) / 1.35, np.where(deviation > 0, deviation, 1.0))


def _nearest(held: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the nearest training row of each row, its distance, and that of the fourth nearest."""
    places, distances = [], []
    for part, lengths in _chunks(held, train):
        near = np.argpartition(lengths - 2 * part @ train.T, _NEXT, axis=1)[:, : _NEXT + 1]
        # The difference itself, since the expanded square drowns small distances in rounding.
        gaps = np.linalg.norm(part[:, None].astype(np.float64) - train[near], axis=2)
        order = np.argsort(gaps, axis=1)
        places.append(np.take_along_axis(near, order, 1)[:, 0])
        distances.append(np.take_along_axis(gaps, order, 1))
    every = np.concatenate(distances)
    return np.concatenate(places), every[:, 0], every[:, _NEXT - 1]


def _chunks(held: np.ndarray, train: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    lengths = (train**2).sum(1)
    for start in range(0, len(held), 512):
        yield held[start : start + 512], lengths
