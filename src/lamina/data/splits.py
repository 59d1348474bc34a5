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
from lamina.data.draws import draw, first_equal, num_distinct
from lamina.data.modalities.cells import as_text, hashable
from lamina.data.modalities.table import MODALITIES
from lamina.data.schema import SPLIT_WORDS, Schema

TEST_SHARE = 0.2
"""Share of the rows tested on where the user says nothing."""

MAX_TEST_ROWS = 50_000
"""Most rows tested on where the user says nothing: shares are known to within 0.4 points."""

MAX_VALIDATION_ROWS = 10_000
"""Most rows validated on where the user says nothing."""

_WAYS = ("auto", "random", "stratified", "group", "time", "order")
_PARTS = ("train", "validation", "test")


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitConfig:
    """How rows are split."""

    validation: float | None = None
    """Share of the rows outside the test, in [0, 1), validated on; None chooses by size."""
    test: float | None = None
    """Share of all rows, in [0, 1), that is tested on; None is 0.2, or 0 with a test source."""
    by: str = "auto"
    """"auto", "random", "stratified", "group", "time", "order" (the last rows, as they stand), or a
    column that marks the parts."""

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
    target: np.ndarray | None
    """int32, class of the first target in the order of their texts, from 1; 0 where missing."""
    group: pl.Series | None
    """Text of the group column."""
    time: pl.Series | None
    """Time or number of the time column."""
    mark: pl.Series | None
    """Text of the column that marks the parts."""
    series: pl.Series | None = None
    """Text of the column that tells series apart."""
    hint: str = ""
    """What the user may want to ask for instead, for people."""
    is_few_up_to: int = 0
    """Rows up to which none are put aside for validation unless the user asks for some."""


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
    if config.by in ("random", "stratified", "group", "time", "order"):
        mark_name = None
    group_name, time_name = schema.group_name, _time_name(schema, config)
    series_name = _role_name(schema, "series")
    is_class = target is not None and target.modality in ("category", "boolean")
    parts: dict[str, list[pl.Series]] = {}
    codes: list[np.ndarray] = []
    names_of_codes: dict[str, int] = {}
    for frame in frames:
        parts.setdefault("content", []).append(_content(frame, inputs))
        texts = (("group", group_name), ("mark", mark_name), ("series", series_name))
        for key, name in texts:
            if name:
                parts.setdefault(key, []).append(as_text(frame[name]))
        if time_name:
            parts.setdefault("time", []).append(frame[time_name])
        if target is not None and is_class:
            codes.append(_coded(as_text(frame[target.name]), names_of_codes))
    if not parts:
        raise DataError("the source has no rows to split.")
    whole = {key: pl.concat(series) for key, series in parts.items()}
    mark, hint = whole.get("mark"), _hint(schema, config)
    if mark is not None and config.by == "auto" and len(_strange_marks(mark)):
        # A column that was only taken for marks by its name must not stop the run.
        num_strange = len(_strange_marks(mark))
        hint = f"{mark.name!r} is left out: it marks no part in {num_strange:,} of its cells"
        mark = None
    return SplitKeys(
        content=whole["content"],
        target=_ordered(np.concatenate(codes), names_of_codes) if codes else None,
        group=whole.get("group"),
        time=whole.get("time"),
        mark=mark,
        series=whole.get("series"),
        hint=hint,
        is_few_up_to=min(
            (MODALITIES[column.modality].value.is_few_up_to for column in schema.inputs), default=0
        ),
    )


def split_by_keys(
    keys: SplitKeys,
    config: SplitConfig,
    *,
    seed: int,
    test_rows: Tensor | None = None,
    validation_rows: Tensor | None = None,
) -> Split:
    """Return the parts of rows whose keys are known.

    Args:
        keys: As `split_keys` gave them.
        config: What the user said about the split.
        seed: The seed of the run.
        test_rows: int64, rows that came from a test source of their own.
        validation_rows: int64, rows that came from a validation source of their own.

    Raises:
        DataError: A part would be empty, or a marking column has unknown marks.
    """
    num_rows = len(keys.content)
    part = np.zeros(num_rows, dtype=np.int8)  # 0 train, 1 validation, 2 test, as in _PARTS
    is_free = np.ones(num_rows, dtype=bool)
    notes = []
    is_tested, is_validated = config.test == 0, config.validation == 0
    for number, own in ((2, test_rows), (1, validation_rows)):
        if own is not None:
            part[own.numpy()] = number
            is_free[own.numpy()] = False
            name = _PARTS[number]
            notes.append(f"{name}: the {len(own):,} rows of the {name} source")
    is_tested, is_validated = is_tested or 2 in part, is_validated or 1 in part
    is_apart = test_rows is not None or validation_rows is not None
    if keys.mark is not None and not is_apart:
        part = _marked(keys.mark)
        is_tested = is_tested or bool((part == 2).any())
        is_validated = is_validated or bool((part == 1).any())
        is_free = part == 0
        notes.append(f"the column {keys.mark.name!r} marks the parts")
    for number, is_given in ((2, is_tested), (1, is_validated)):
        if is_given:
            continue
        rows = np.nonzero(is_free)[0]
        if number == 1 and config.validation is None and len(rows) <= keys.is_few_up_to:
            notes.append(f"validation: none, {len(rows):,} rows are few for such inputs")
            continue
        share = _share(config, number, len(rows))
        chosen, note = _choose(keys, rows, share, way=config.by, seed=seed)
        part[chosen] = number
        is_free[chosen] = False
        notes.append(f"{_PARTS[number]}: {len(chosen):,} rows {note}")
    if notes and keys.hint and keys.mark is None and not is_apart:
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
        most = min(TEST_SHARE, MAX_TEST_ROWS / max(num_rows, 1))
        return most if config.test is None else config.test
    if config.validation is not None:
        return config.validation
    share = 0.2 if num_rows < 2_000 else 0.15 if num_rows < 5_000 else 0.1
    return min(share, MAX_VALIDATION_ROWS / max(num_rows, 1))


def _choose(
    keys: SplitKeys, rows: np.ndarray, share: float, *, way: str, seed: int
) -> tuple[np.ndarray, str]:
    """Return the rows chosen out of `rows`, and how."""
    for name, key in (("time", keys.time), ("group", keys.group)):
        if way == name and key is None:
            what = "column of times" if name == "time" else "group column"
            raise DataError(
                f"a split by {name} needs a {what}, and none was found. Name it as the {name} "
                "column."
            )
    if way == "order":
        wanted = round(len(rows) * share)
        return rows[len(rows) - wanted :], "at the end, since the rows follow each other"
    if way in ("auto", "time") and keys.time is not None:
        if keys.series is not None and keys.time.dtype.is_numeric():
            return _latest_of_each(keys.time, keys.series, rows, share)
        return _latest(keys.time, keys.group, rows, share, seed)
    if keys.group is not None:
        units, note = _units(keys.group, rows), f", in whole groups of {keys.group.name!r}"
    else:
        units, note = _content_units(keys.content, rows)
    is_stratified = way == "stratified" or (way == "auto" and keys.group is None)
    if keys.target is not None and is_stratified:
        chosen = draw(rows, units, keys.target[rows], share, seed)
        return rows[chosen], f"at random, with the share of each class kept{note}"
    return rows[draw(rows, units, None, share, seed)], f"at random{note}"


def _content_units(content: pl.Series, rows: np.ndarray) -> tuple[np.ndarray, str]:
    """Return what holds equal rows together, and a note for people."""
    units = _units(content, rows)
    num_units, num_rows = num_distinct(units), len(rows)
    if num_units < num_rows / 2:
        # Coarse inputs repeat by nature; to hold them together would leave parts unlike the whole.
        note = f" (only {num_units:,} distinct rows, so equal rows are not held together)"
        return rows, note
    if num_units < num_rows:
        note = f" ({num_rows - num_units:,} exact duplicates stay beside their originals)"
        return units, note
    return units, ""


def _coded(texts: pl.Series, codes: dict[str, int]) -> np.ndarray:
    """Return the number of each text, int32; -1 where missing. New texts are added to `codes`."""
    for text in texts.drop_nulls().unique(maintain_order=True).to_list():
        codes.setdefault(text, len(codes))
    if texts.null_count() == len(texts):
        return np.full(len(texts), -1, dtype=np.int32)
    numbers = texts.replace_strict(codes, default=None, return_dtype=pl.Int32)
    return numbers.fill_null(-1).to_numpy().astype(np.int32)


def _ordered(numbers: np.ndarray, codes: dict[str, int]) -> np.ndarray:
    """Return numbers in the order of the texts they stand for, from 1; 0 for missing ones."""
    place = np.zeros(len(codes) + 1, dtype=np.int32)  # the last one is where -1 points to
    for rank, text in enumerate(sorted(codes)):
        place[codes[text]] = rank + 1
    return place[numbers]


def _units(key: pl.Series, rows: np.ndarray) -> np.ndarray:
    """Return for each of `rows` the number of the first row of the whole with the same key."""
    if key.dtype == pl.UInt64 and not key.null_count():
        values = key.to_numpy()
        return rows if num_distinct(values) == len(values) else first_equal(values)[rows]
    frame = pl.DataFrame({"key": key}).with_row_index("row")
    firsts = frame.select(
        pl.when(pl.col("key").is_null())
        .then(pl.col("row"))
        .otherwise(pl.col("row").first().over("key"))
    )
    return firsts.to_series().to_numpy().astype(np.int64)[rows]


def _latest(
    time: pl.Series, group: pl.Series | None, rows: np.ndarray, share: float, seed: int
) -> tuple[np.ndarray, str]:
    order = _time_order(time)
    if order.max(initial=0) < 2:
        raise DataError(
            f"a split by time needs two different times at least, and {time.name!r} has "
            f"{order.max(initial=0)} in {len(order):,} rows. Mend its cells, name another time "
            "column, or split another way."
        )
    order, units, note = order[rows], rows, f"last in time by {time.name!r}"
    if group is not None:
        units = _units(group, rows)
        first = first_equal(units)
        latest = np.zeros(len(rows), dtype=np.int64)
        np.maximum.at(latest, first, order)
        order, note = latest[first], f"{note}, in whole groups of {group.name!r}"
    wanted = round(len(rows) * share)
    if wanted == 0:
        return rows[:0], "after the others in time"
    border = np.sort(order)[len(rows) - wanted]
    is_chosen, places = order > border, np.flatnonzero(order == border)
    num_later = int(is_chosen.sum())
    # Rows of one moment stay on one side, unless that fills a part far beyond its share or leaves
    # next to nothing of it, as with years for times.
    is_far = num_later + len(places) > min(1.5 * wanted, (wanted + len(rows)) / 2)
    if is_far and num_later < wanted / 2 and num_distinct(units[places]) > 1:
        part = (wanted - num_later) / len(places)
        places = places[draw(rows[places], units[places], None, part, seed)]
        note += f" ({len(places):,} drawn out of one moment)"
        is_far = False
    if not is_far or not num_later:
        is_chosen[places] = True
    return rows[is_chosen], note


def _latest_of_each(
    time: pl.Series, series: pl.Series, rows: np.ndarray, share: float
) -> tuple[np.ndarray, str]:
    """Return the last rows of each series: plain numbers count its own steps, no common time."""
    order = _time_order(time)[rows]
    number = series.rank("dense").fill_null(0).to_numpy()[rows]
    ranked = np.lexsort((order, number))
    counts = np.bincount(number)
    begin = np.cumsum(counts) - counts
    place = np.arange(len(rows)) - begin[number[ranked]]
    kept = counts - np.round(counts * share).astype(np.int64)
    chosen = rows[np.sort(ranked[place >= kept[number[ranked]]])]
    return chosen, f"last of each series of {series.name!r} by {time.name!r}"


def _time_order(time: pl.Series) -> np.ndarray:
    """Return dense ranks in time; a row without a time comes first, so it is learnt from."""
    if time.dtype == pl.String:
        from lamina.data.modalities.datetime import parse_times

        parsed = parse_times(time).values
        numbers = time.str.strip_chars().cast(pl.Float64, strict=False)
        time = parsed if parsed.null_count() <= numbers.null_count() else numbers
    return time.rank("dense").fill_null(0).to_numpy().astype(np.int64)


def _marked(mark: pl.Series) -> np.ndarray:
    words, unknown = mark.str.to_lowercase(), _strange_marks(mark)
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


def _strange_marks(mark: pl.Series) -> pl.Series:
    words = mark.str.to_lowercase()
    return words.filter(~words.is_in(list(SPLIT_WORDS)).fill_null(False))


def _content(frame: pl.DataFrame, inputs: list[str]) -> pl.Series:
    if not inputs:
        return pl.Series("content", range(frame.height), dtype=pl.UInt64)
    columns = [frame[name] for name in inputs]
    columns = [c.cast(pl.Float64) if c.dtype.is_numeric() else hashable(c) for c in columns]
    return pl.DataFrame(columns).hash_rows(seed=0).alias("content")


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
