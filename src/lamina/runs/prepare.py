"""From sources to material for training: rows, schema, split, findings and encoded data.

Everything here is a pure function of the sources, the data section of the plan and the seed, so a
resumed run makes the same material again.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.hardware import describe_hardware
from lamina.core.records import Finding, Problem
from lamina.data.checks.run import run_checks
from lamina.data.chosen_rows import detached, fit_rows, gather_rows
from lamina.data.dataset import Dataset, encode_frame
from lamina.data.modalities.image import Image
from lamina.data.schema import Schema, fit_schema, infer_schema
from lamina.data.sources.base import AbstractSource, SourceInfo
from lamina.data.sources.open import open_source
from lamina.data.splits import Split, split_by_keys, split_keys
from lamina.data.streaming import encode_source, open_encoded
from lamina.runs.plan import DataConfig
from lamina.runs.request import reading_options
from lamina.training.processes import current_processes

SAMPLE_ROWS = 50_000
"""Raw rows kept for checks and the report where the data is streamed; up to twice as many."""

SAMPLE_BYTES = 64 << 20
"""Most bytes of them; up to twice as many."""

BATCH_ROWS = 20_000
"""Most rows read at a time where the data is streamed."""

BATCH_BYTES = 32 << 20
"""Most bytes of rows, raw or encoded, held at a time where the data is streamed."""

ENCODED_SHARE = 0.25
"""Encoded rows larger than this share of the main memory lie on disk, wherever the raw rows are."""

_SAMPLED_TOGETHER = 4096
_LARGE_ROW = 4 << 20  # bytes of a row from which few are held at a time
_FEWEST_SAMPLED = 1000
_TARGET_NAMES = ("label", "target", "class", "y", "labels", "category", "outcome")


@dataclass(frozen=True, slots=True)
class Rows:
    """Raw rows of all sources, one after the other."""

    sources: tuple[AbstractSource, ...]
    """Training, then validation and test where they are apart."""
    counts: tuple[int, ...]
    """Rows of each."""
    names: tuple[str, ...]
    """"train", "validation" or "test" for each."""
    frame: pl.DataFrame
    """All raw rows, or a sample of them where the data is streamed."""
    numbers: Tensor
    """int64, row number of each row of `frame`, rising."""

    @property
    def num_rows(self) -> int:
        """Rows of all sources."""
        return sum(self.counts)

    @property
    def is_whole(self) -> bool:
        """Whether `frame` holds every row."""
        return self.frame.height == self.num_rows

    def part(self, name: str) -> Tensor | None:
        """Return the row numbers that came from a source of their own, or None.

        Args:
            name: "validation" or "test".
        """
        start = 0
        for own, count in zip(self.names, self.counts):
            if own == name:
                return torch.arange(start, start + count)
            start += count
        return None

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield all raw rows in order, in pieces where they are streamed."""
        if self.is_whole:
            yield self.frame
            return
        row_bytes = self.frame.estimated_size() / max(1, self.frame.height)
        most = _rows_of(BATCH_BYTES, row_bytes)
        columns, group = self.frame.columns, self.sources[0].group
        for source in self.sources:
            yield from (_aligned(f, columns, group) for f in source.batches(most))

    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read."""
        return tuple(problem for source in self.sources for problem in source.problems)


@dataclass(frozen=True, slots=True)
class Material:
    """All that training, evaluation and the report need of the data."""

    rows: Rows
    """Raw rows."""
    infos: tuple[SourceInfo, ...]
    """What the sources are."""
    schema: Schema
    """Fitted."""
    split: Split
    """Usable row numbers of the three parts."""
    findings: tuple[Finding, ...]
    """What the checks found."""
    dataset: Dataset
    """Encoded rows."""
    problems: tuple[Problem, ...]
    """What was put aside."""


def read_rows(config: DataConfig) -> Rows:
    """Return the raw rows that the data section names.

    Args:
        config: The data section of a plan.

    Raises:
        DataError: A source is missing, empty or lacks columns of the first.
    """
    options = reading_options(config.reading)
    named = [("train", config.source), ("validation", config.validation), ("test", config.test)]
    sources = [(name, open_source(what, options=options)) for name, what in named if what]
    if config.storage == "disk":
        return _sampled(sources)
    frames = [source.read() for _, source in sources]
    columns, group = frames[0].columns, sources[0][1].group
    frame = pl.concat([_aligned(f, columns, group) for f in frames], how="vertical_relaxed")
    return Rows(
        tuple(source for _, source in sources),
        tuple(f.height for f in frames),
        tuple(name for name, _ in sources),
        frame,
        torch.arange(frame.height),
    )


def guess_target(rows: Rows, *, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the target columns: those wanted, or the one that the source or its name says.

    Args:
        rows: Raw rows.
        wanted: What the user named.

    Raises:
        DataError: Nothing was named and no column is called like a target.
    """
    if wanted:
        return wanted
    frame, own = rows.frame, rows.sources[0].target
    if own is not None:
        return (own,)
    names = {name.lower(): name for name in frame.columns}
    for name in _TARGET_NAMES:
        if name in names:
            return (names[name],)
    shown = ", ".join(frame.columns[:12]) + (", …" if frame.width > 12 else "")
    raise DataError(
        f"no target was named, and no column is called {', '.join(_TARGET_NAMES[:4])}. "
        f"Say which column to predict with --target; there are: {shown}. To learn a column of "
        "texts alone, leave the others out with --ignore, and add --set task=language_model."
    )


def guess_group(rows: Rows, config: DataConfig) -> str | None:
    """Return the column of groups: that of the user, or the one that the source says.

    Args:
        rows: Raw rows.
        config: The data section of a plan; a column that it names for something else is no group.
    """
    own = rows.sources[0].group
    taken = {*config.target, *config.ignore, *config.columns, config.time, config.series}
    return own if config.group is None and own not in taken else config.group


def infer(rows: Rows, config: DataConfig) -> Schema:
    """Return the unfitted schema.

    Args:
        rows: Raw rows.
        config: The data section of a plan.
    """
    return infer_schema(
        _examined(rows),
        targets=config.target,
        overrides=config.columns,
        ignore=config.ignore,
        roles={"group": config.group, "time": config.time, "series": config.series},
        named=config.named,
        by_source=rows.sources[0].modalities,
    )


def split(rows: Rows, schema: Schema, config: DataConfig, *, seed: int) -> Split:
    """Return the split of all rows, usable or not.

    Args:
        rows: Raw rows.
        schema: The schema; need not be fitted.
        config: The data section of a plan.
        seed: Seed of the run.
    """
    keys = split_keys(rows.frames(), schema, config.split)
    return split_by_keys(
        keys,
        config.split,
        seed=seed,
        test_rows=rows.part("test"),
        validation_rows=rows.part("validation"),
    )


def make_material(
    rows: Rows,
    schema: Schema,
    parts: Split,
    config: DataConfig,
    *,
    seed: int,
    folder: Path,
    is_judged: bool = True,
) -> Material:
    """Fit the schema on training rows, check the data and encode all rows.

    Args:
        rows: Raw rows.
        schema: The schema as inferred.
        parts: The split.
        config: The data section of a plan.
        seed: Seed of the run.
        folder: Where encoded rows go if the plan stores them on disk.
        is_judged: Whether the data are checked and the model is to be tested; else no test row is
            wanted.

    Raises:
        DataError: No usable training or test row is left.
    """
    chosen = fit_rows(parts.train, seed=seed)
    fitting = gather_rows(rows.frames(), chosen)
    fitted = fit_schema(schema, fitting, options=config.fitting)
    if config.storage == "disk" or _is_large(fitted, rows.num_rows):
        most = _rows_of(BATCH_BYTES, _encoded_bytes(fitted))
        pieces = (piece for frame in rows.frames() for piece in frame.iter_slices(most))
        dataset = current_processes().by_first(
            lambda: encode_source(fitted, pieces, folder), lambda: open_encoded(fitted, folder)
        )
    else:
        dataset = encode_frame(fitted, rows.frame)
    usable = Split(
        dataset.usable(parts.train),
        dataset.usable(parts.validation),
        dataset.usable(parts.test),
        parts.reason,
    )
    for name in ("train", "test") if is_judged else ("train",):
        if not len(getattr(usable, name)):
            raise DataError(
                f"no usable {name} row is left of {len(getattr(parts, name)):,}: "
                f"{_first(dataset.problems)}. Look at the problems with: lamina check"
            )
    infos = tuple(source.describe() for source in rows.sources)
    problems = (*rows.problems(), *dataset.problems)
    findings = check(rows, fitted, parts, seed=seed) if is_judged else ()
    return Material(rows, infos, fitted, usable, findings, dataset, problems)


def check(rows: Rows, schema: Schema, parts: Split, *, seed: int) -> tuple[Finding, ...]:
    """Return what the checks find in the rows at hand.

    Args:
        rows: Raw rows; a sample of them is checked where the data is streamed.
        schema: The schema.
        parts: The split.
        seed: Seed of the run.
    """
    if rows.is_whole:
        return run_checks(rows.frame, schema, parts, seed=seed)
    here = Split(
        _places(rows.numbers, parts.train),
        _places(rows.numbers, parts.validation),
        _places(rows.numbers, parts.test),
        parts.reason,
    )
    return run_checks(rows.frame, schema, here, seed=seed)


def _places(numbers: Tensor, wanted: Tensor) -> Tensor:
    """Return where the wanted row numbers, rising, stand in a sample; others are left out."""
    if not len(wanted):
        return torch.zeros(0, dtype=torch.int64)
    place = torch.searchsorted(wanted, numbers).clamp(max=len(wanted) - 1)
    return torch.nonzero(wanted[place] == numbers).squeeze(1)


def _rows_of(num_bytes: int, row_bytes: float) -> int:
    """Return how many rows, within reason, make up some bytes."""
    least = 16 if row_bytes < _LARGE_ROW else 1
    return max(least, min(BATCH_ROWS, int(num_bytes / max(row_bytes, 1.0))))


def _encoded_bytes(schema: Schema) -> int:
    """Return the bytes of an encoded row, texts left out."""
    size = {"number": 4, "category": 8, "series": 4, "sound": 2}
    pictures = [column.fitted for column in schema.inputs if isinstance(column.fitted, Image)]
    return sum(picture.row_bytes for picture in pictures) + sum(
        size.get(s.kind, 0) * (math.prod(s.shape) if s.is_joined else s.num_values)
        for s in schema.input_specs()
    )


def _is_large(schema: Schema, num_rows: int) -> bool:
    memory = describe_hardware().memory_bytes
    return 0 < ENCODED_SHARE * memory < _encoded_bytes(schema) * num_rows


def _aligned(frame: pl.DataFrame, columns: list[str], group: str | None) -> pl.DataFrame:
    """Return the columns of the first source; what that alone says of groups may be missing."""
    if group in columns and group not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(group))
    missing = [name for name in columns if name not in frame.columns]
    if missing and len(columns) == frame.width and all(c.startswith("column_") for c in columns):
        return frame.rename(dict(zip(frame.columns, columns)))
    if missing:
        raise DataError(
            f"the sources do not fit: the column {missing[0]!r} of the first is missing in "
            f"another, which has {', '.join(frame.columns[:12])}."
        )
    return frame.select(columns)


def _examined(rows: Rows) -> pl.DataFrame:
    """Return the rows that the schema is inferred from: the same in memory and streamed."""
    frame = rows.frame
    is_small = frame.height <= 2 * SAMPLE_ROWS and frame.estimated_size() <= SAMPLE_BYTES
    if is_small or not rows.is_whole:
        return frame
    sample, start = _Sample(), 0
    for count in rows.counts:
        for piece in frame.slice(start, count).iter_slices(_SAMPLED_TOGETHER):
            sample.add(piece)
        start += count
    return pl.concat(sample.frames)


def _sampled(sources: list[tuple[str, AbstractSource]]) -> Rows:
    """Read every source once, in pieces, keeping a sample."""
    sample = _Sample()
    counts = []
    for _, source in sources:
        begin = sample.num_seen
        for frame in source.batches(_SAMPLED_TOGETHER):
            sample.add(frame)
        counts.append(sample.num_seen - begin)
    columns, group = sample.frames[0].columns, sources[0][1].group
    return Rows(
        tuple(source for _, source in sources),
        tuple(counts),
        tuple(name for name, _ in sources),
        pl.concat([_aligned(f, columns, group) for f in sample.frames], how="vertical_relaxed"),
        torch.cat(sample.numbers),
    )


class _Sample:
    """Every k-th of the rows seen; k is doubled where they become too many."""

    def __init__(self) -> None:
        self.frames: list[pl.DataFrame] = []
        self.numbers: list[Tensor] = []
        self.num_seen = 0
        self._step = 1
        self._num_rows, self._num_bytes = 0, 0.0

    def add(self, frame: pl.DataFrame) -> None:
        numbers = torch.arange(self.num_seen, self.num_seen + frame.height)
        self.num_seen += frame.height
        self._keep(frame, numbers)
        while self._num_rows > 2 * SAMPLE_ROWS or (
            self._num_rows > _FEWEST_SAMPLED and self._num_bytes > 2 * SAMPLE_BYTES
        ):
            self._step *= 2
            kept = list(zip(self.frames, self.numbers))
            self.frames, self.numbers = [], []
            self._num_rows, self._num_bytes = 0, 0.0
            for some, own in kept:
                self._keep(some, own)

    def _keep(self, frame: pl.DataFrame, numbers: Tensor) -> None:
        places = torch.nonzero(numbers % self._step == 0).squeeze(1)
        if not len(places) and self.frames:
            return
        self.frames.append(detached(frame[places.numpy()]))
        self.numbers.append(numbers[places])
        self._num_rows += len(places)
        self._num_bytes += self.frames[-1].estimated_size()


def _first(problems: tuple[Problem, ...]) -> str:
    return f"{problems[0].where}: {problems[0].what}" if problems else "their targets are missing"
