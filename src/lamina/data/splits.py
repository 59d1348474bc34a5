"""Splitting rows into training, validation and test.

The split is a pure function of the seed, the row numbers and what the rows hold, so that a restart
or another number of workers never moves a row. Rows that are exact duplicates, or of one group,
stay on one side; classes keep their shares; and where the future is to be predicted, the last rows
in time are the test.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import ConfigError, DataError, unknown_name
from lamina.core.random import sample_uniform
from lamina.data.modalities.cells import as_text
from lamina.data.schema import SPLIT_WORDS, Schema

TEST_SHARE = 0.2
"""Share of the rows tested on where the user says nothing."""

MAX_VALIDATION_ROWS = 10_000
"""Most rows validated on where the user says nothing."""

_WAYS = ("auto", "random", "stratified", "group", "time")
_PARTS = ("train", "validation", "test")


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitConfig:
    """How rows are split."""

    validation: float | None = None
    """Share of the rows outside the test, in [0, 1), validated on; None chooses by size."""
    test: float | None = None
    """Share of all rows, in [0, 1), that is tested on; None is 0.2, or 0 with a test source."""
    by: str = "auto"
    """"auto", "random", "stratified", "group", "time", or a column that marks the parts."""

    def __post_init__(self) -> None:
        for name in ("validation", "test"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                raise ConfigError(
                    f"{name} must be a share in [0, 1), got {value!r}. Use 0.2 for a fifth."
                )


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of the three parts."""

    train: Tensor
    """int64, rising."""
    validation: Tensor
    """int64, rising."""
    test: Tensor
    """int64, rising."""
    reason: str
    """How the rows were split and why, for people."""


@dataclass(frozen=True, slots=True)
class SplitKeys:
    """What of each row decides its part: all that must be kept of a source that is streamed."""

    content: pl.Series
    """UInt64, equal for rows with equal inputs."""
    target: pl.Series | None
    """Text of the class, or the number, of the first target."""
    is_class: bool
    """Whether the first target is one of a number of classes."""
    group: pl.Series | None
    """Text of the group column."""
    time: pl.Series | None
    """Time or number of the time column."""
    mark: pl.Series | None
    """Text of the column that marks the parts."""
    hint: str = ""
    """What the user may want to ask for instead, for people."""


def split_rows(
    frame: pl.DataFrame,
    schema: Schema,
    config: SplitConfig,
    *,
    seed: int,
    test_rows: Tensor | None = None,
) -> Split:
    """Return the parts of a frame.

    Args:
        frame: Raw cells.
        schema: What the columns are; need not be fitted.
        config: What the user said about the split.
        seed: The seed of the run.
        test_rows: int64, rows that came from a test source of their own.

    Raises:
        DataError: A part would be empty, or a marking column has unknown marks.
        ConfigError: `config.by` names no way and no column.
    """
    keys = split_keys([frame], schema, config)
    return split_by_keys(keys, config, seed=seed, test_rows=test_rows)


def split_keys(frames: Iterable[pl.DataFrame], schema: Schema, config: SplitConfig) -> SplitKeys:
    """Return what decides the split, gathered from frames that are read one after the other.

    Args:
        frames: The frames of a source, in order.
        schema: What the columns are.
        config: What the user said about the split.

    Raises:
        ConfigError: `config.by` names no way and no column.
    """
    names = [column.name for column in schema.columns]
    if config.by not in (*_WAYS, *names):
        raise ConfigError(unknown_name("way to split or column", config.by, (*_WAYS, *names)))
    inputs = [column.name for column in schema.inputs]
    target = schema.targets[0] if schema.targets else None
    mark_name = config.by if config.by not in _WAYS else _role_name(schema, "split")
    if config.by in ("random", "stratified", "group", "time"):
        mark_name = None
    group_name, time_name = _role_name(schema, "group"), _time_name(schema, config)
    is_class = target is not None and target.modality in ("category", "boolean")
    parts: dict[str, list[pl.Series]] = {}
    for frame in frames:
        parts.setdefault("content", []).append(_content(frame, inputs))
        for key, name in (("group", group_name), ("mark", mark_name)):
            if name:
                parts.setdefault(key, []).append(as_text(frame[name]))
        if time_name:
            parts.setdefault("time", []).append(frame[time_name])
        if target is not None and is_class:
            parts.setdefault("target", []).append(as_text(frame[target.name]))
    if not parts:
        raise DataError("the source has no rows to split.")
    whole = {key: pl.concat(series) for key, series in parts.items()}
    return SplitKeys(
        content=whole["content"],
        target=whole.get("target"),
        is_class=is_class,
        group=whole.get("group"),
        time=whole.get("time"),
        mark=whole.get("mark"),
        hint=_hint(schema, config),
    )


def split_by_keys(
    keys: SplitKeys, config: SplitConfig, *, seed: int, test_rows: Tensor | None = None
) -> Split:
    """Return the parts of rows whose keys are known.

    Args:
        keys: As `split_keys` gave them.
        config: What the user said about the split.
        seed: The seed of the run.
        test_rows: int64, rows that came from a test source of their own.

    Raises:
        DataError: A part would be empty, or a marking column has unknown marks.
    """
    num_rows = len(keys.content)
    part = np.zeros(num_rows, dtype=np.int8)  # 0 train, 1 validation, 2 test, as in _PARTS
    is_free = np.ones(num_rows, dtype=bool)
    notes = []
    is_tested, is_validated = config.test == 0, config.validation == 0
    if test_rows is not None:
        part[test_rows.numpy()] = 2
        is_free[test_rows.numpy()] = False
        is_tested = True
        notes.append(f"test: the {len(test_rows):,} rows of the test source")
    if keys.mark is not None and test_rows is None:
        part = _marked(keys.mark)
        is_tested = is_tested or bool((part == 2).any())
        is_validated = is_validated or bool((part == 1).any())
        is_free = part == 0
        notes.append(f"the column {keys.mark.name!r} marks the parts")
    for number, is_given in ((2, is_tested), (1, is_validated)):
        if is_given:
            continue
        rows = np.nonzero(is_free)[0]
        share = _share(config, number, len(rows))
        chosen, note = _choose(keys, rows, share, way=config.by, seed=seed)
        part[chosen] = number
        is_free[chosen] = False
        notes.append(f"{_PARTS[number]}: {len(chosen):,} rows {note}")
    if notes and keys.hint and keys.mark is None and test_rows is None:
        notes.append(keys.hint)
    return _checked(part, config, "; ".join(notes) or "all rows are for training")


def _checked(part: np.ndarray, config: SplitConfig, reason: str) -> Split:
    rows = [torch.from_numpy(np.nonzero(part == number)[0]) for number in range(3)]
    if not len(rows[0]):
        raise DataError(
            f"no row is left to train on ({len(part):,} rows; {reason}). Add rows, or ask for "
            "smaller shares of validation and test."
        )
    for number, wanted in ((1, config.validation), (2, config.test)):
        if wanted and not len(rows[number]):
            raise DataError(
                f"{_PARTS[number]} = {wanted} of {len(part):,} rows gives no row at all. Add rows, "
                "or ask for 0."
            )
    return Split(rows[0], rows[1], rows[2], reason)


def _share(config: SplitConfig, number: int, num_rows: int) -> float:
    if number == 2:
        return TEST_SHARE if config.test is None else config.test
    if config.validation is not None:
        return config.validation
    share = 0.2 if num_rows < 2_000 else 0.15 if num_rows < 20_000 else 0.1
    return min(share, MAX_VALIDATION_ROWS / max(num_rows, 1))


def _choose(
    keys: SplitKeys, rows: np.ndarray, share: float, *, way: str, seed: int
) -> tuple[np.ndarray, str]:
    """Return the rows chosen out of `rows`, and how."""
    if way in ("auto", "time") and keys.time is not None:
        return _latest(keys.time, rows, share)
    if way == "time":
        raise DataError(
            "a split by time needs a column of times, and none was found. Name "
            "it as the time column."
        )
    if way == "group" and keys.group is None:
        raise DataError(
            "a split by group needs a group column, and none was named. Name "
            "it as the group column."
        )
    if way in ("auto", "group") and keys.group is not None:
        units, note = _units(keys.group, rows), f"in whole groups of {keys.group.name!r}"
        return rows[_draw(rows, units, None, share, seed)], f"{note}, at random"
    units, note = _units(keys.content, rows), ""
    num_units, num_rows = pl.Series(units).n_unique(), len(rows)
    if num_units < num_rows / 2:
        # Coarse inputs repeat by nature; to hold them together would leave parts unlike the whole.
        units, note = (
            rows,
            f" (only {num_units:,} distinct rows, so equal rows are not held together)",
        )
    elif num_units < num_rows:
        note = f" ({num_rows - num_units:,} exact duplicates stay beside their originals)"
    if keys.target is not None and way in ("auto", "stratified"):
        strata = keys.target.rank("dense").fill_null(0).to_numpy().astype(np.int64)[rows]
        chosen = _draw(rows, units, strata, share, seed)
        return rows[chosen], f"at random, with the share of each class kept{note}"
    return rows[_draw(rows, units, None, share, seed)], f"at random{note}"


def _draw(
    rows: np.ndarray, units: np.ndarray, strata: np.ndarray | None, share: float, seed: int
) -> np.ndarray:
    """Return a mask over `rows`: whole units in random order until each stratum has its share."""
    draws = sample_uniform(seed, "split", 0, torch.from_numpy(units.astype(np.int64)), 2)
    key = draws[:, 0].double() + draws[:, 1].double() / (1 << 24)
    # The order of a unit is that of its first row, so the stratum of a unit is its first row's.
    first = _first_of(units)
    stratum = strata[first] if strata is not None else np.zeros(len(rows), dtype=np.int64)
    order = np.lexsort((units, key.numpy(), stratum))
    wanted = _wanted(np.bincount(stratum), share)
    size = np.bincount(first, minlength=len(rows))
    leaders = order[first[order] == order]
    is_chosen = np.zeros(len(rows), dtype=bool)
    is_chosen[_filled(leaders, stratum, size, wanted)] = True
    return is_chosen[first]


def _filled(
    leaders: np.ndarray, stratum: np.ndarray, size: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Return the first rows of the units taken: in order, as long as they fit what is wanted.

    A unit that is too large for what is left is passed over, so that one of thousands of copies
    does not fill a part; where none fits, as with a few large groups, the smallest one is taken.
    """
    taken = np.zeros(len(wanted), dtype=np.int64)
    chosen = []
    for row, kind, count in zip(
        leaders.tolist(), stratum[leaders].tolist(), size[leaders].tolist()
    ):
        if taken[kind] + count <= wanted[kind]:
            taken[kind] += count
            chosen.append(row)
    for kind in np.nonzero((taken == 0) & (wanted > 0))[0]:
        own = leaders[stratum[leaders] == kind]
        if len(own) > 1:
            chosen.append(int(own[np.argmin(size[own])]))
    return np.asarray(chosen, dtype=np.int64)


def _wanted(sizes: np.ndarray, share: float) -> np.ndarray:
    """Return how many rows of each stratum to take: the sum fits, and none is left out."""
    exact = sizes * share
    wanted = np.floor(exact).astype(np.int64)
    missing = round(float(exact.sum())) - int(wanted.sum())
    if missing > 0:
        wanted[np.argsort(wanted - exact, kind="stable")[:missing]] += 1
    if share > 0:
        # A class of three rows or more is seen in every part; one of one row is learnt from.
        wanted = np.where((sizes >= 3) & (wanted == 0), 1, wanted)
        wanted = np.where(
            sizes <= 1, 0 if len(sizes) > 1 else wanted, np.minimum(wanted, sizes - 1)
        )
    return np.maximum(wanted, 0)


def _first_of(units: np.ndarray) -> np.ndarray:
    """Return for each row the place of the first row of its unit."""
    _, first, inverse = np.unique(units, return_index=True, return_inverse=True)
    return first[inverse]


def _units(key: pl.Series, rows: np.ndarray) -> np.ndarray:
    """Return for each of `rows` the number of the first row of the whole with the same key."""
    frame = pl.DataFrame({"key": key}).with_row_index("row")
    firsts = frame.select(
        pl.when(pl.col("key").is_null())
        .then(pl.col("row"))
        .otherwise(pl.col("row").first().over("key"))
    )
    return firsts.to_series().to_numpy().astype(np.int64)[rows]


def _latest(time: pl.Series, rows: np.ndarray, share: float) -> tuple[np.ndarray, str]:
    order = _time_order(time)[rows]
    wanted = round(len(rows) * share)
    if wanted == 0:
        return rows[:0], "after the others in time"
    border = np.sort(order)[len(rows) - wanted]
    # Rows of one moment stay on one side.
    return rows[order >= border], f"last in time by {time.name!r}"


def _time_order(time: pl.Series) -> np.ndarray:
    """Return dense ranks in time; a row without a time comes first, so it is learnt from."""
    if time.dtype == pl.String:
        from lamina.data.modalities.datetime import parse_times

        parsed = parse_times(time).values
        numbers = time.str.strip_chars().cast(pl.Float64, strict=False)
        time = parsed if parsed.null_count() <= numbers.null_count() else numbers
    return time.rank("dense").fill_null(0).to_numpy().astype(np.int64)


def _marked(mark: pl.Series) -> np.ndarray:
    words = mark.str.to_lowercase()
    unknown = words.filter(~words.is_in(list(SPLIT_WORDS)).fill_null(False))
    if len(unknown):
        raise DataError(
            f"the column {mark.name!r} must mark each row as train, validation or test, got "
            f"{unknown[0]!r} in {len(unknown):,} rows. Mend the marks or split another way."
        )
    parts = words.replace_strict(
        list(SPLIT_WORDS),
        [_PARTS.index(part) for part in SPLIT_WORDS.values()],
        return_dtype=pl.Int8,
    )
    return parts.to_numpy().copy()


def _content(frame: pl.DataFrame, inputs: list[str]) -> pl.Series:
    if not inputs:
        return pl.Series("content", range(frame.height), dtype=pl.UInt64)
    # Lists and arrays are hashed as text or bytes: not all nested kinds can be hashed as they are.
    columns = [_hashable(frame[name]) for name in inputs]
    return pl.DataFrame(columns).hash_rows(seed=0).alias("content")


def _hashable(cells: pl.Series) -> pl.Series:
    if cells.dtype == pl.Array:
        rows = cells.to_numpy()
        return pl.Series(cells.name, [row.tobytes() for row in rows], dtype=pl.Binary)
    if cells.dtype == pl.List:
        return cells.cast(pl.List(pl.String)).list.join("\x1f")
    return cells.cast(pl.Float64) if cells.dtype.is_numeric() else cells


def _hint(schema: Schema, config: SplitConfig) -> str:
    times = [column.name for column in schema.inputs if column.modality == "datetime"]
    if config.by != "auto" or not times or schema.with_role("time") or schema.with_role("group"):
        return ""
    return f"{times[0]!r} holds times: split by time if the future is to be predicted"


def _role_name(schema: Schema, role: str) -> str | None:
    column = schema.with_role(role)
    return column.name if column else None


def _time_name(schema: Schema, config: SplitConfig) -> str | None:
    """A time column decides where the user named one, or asked for time and there is just one."""
    named = _role_name(schema, "time")
    if named or config.by != "time":
        return named
    found = [c.name for c in schema.columns if c.modality == "datetime"]
    return found[0] if len(found) == 1 else None
