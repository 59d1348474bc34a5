"""Rows that are the past of a series: a list of cells per column, to windows that a network sees.

What is done to the rows of a table in training (`lamina.data.windows`) is done here to the steps
of one row: they are put in order, a later cell of one step counts, and missing steps are unknown.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Self, final

import numpy as np

from lamina.runtime.calendar import calendar_features
from lamina.runtime.cells import plain_cell
from lamina.runtime.document import Fields
from lamina.runtime.errors import DataError
from lamina.runtime.frequency import Frequency, parse_frequency
from lamina.runtime.modalities.base import AbstractReader
from lamina.runtime.modalities.datetime import DateTimeReader
from lamina.runtime.modalities.number import NumberReader
from lamina.runtime.prepared import Prepared
from lamina.runtime.series_grid import lay_out
from lamina.runtime.signature import History
from lamina.runtime.windows import last_known, one_hot

GRAPH_INPUTS = ("past", "known", "phase")
"""What a graph of windows takes: float32 [rows, look_back, series], NaN where unknown, float32
[rows, look_back + horizon, features], and int64 [rows], the place of the first step in its
cycle."""

_EPOCH = datetime.datetime(1970, 1, 1)


@final
class Histories:
    """Cuts the windows that a forecaster sees out of rows that are histories.

    Args:
        history: What such a row is.
        readers: By column of times, targets and inputs.
        numbers: Columns of the inputs that are numbers, in order.
        categories: Columns of the inputs that are categories, with the levels told apart.
        is_known: Of each feature, numbers first: whether its future is looked at.
    """

    def __init__(
        self,
        history: History,
        readers: Mapping[str, AbstractReader],
        *,
        numbers: Sequence[str],
        categories: Mapping[str, int],
        is_known: Sequence[bool],
    ) -> None:
        self.history = history
        self._frequency = parse_frequency(history.step)
        self._readers = dict(readers)
        self._numbers, self._categories = tuple(numbers), dict(categories)
        self._is_known = np.array(is_known, dtype=bool)

    @classmethod
    def from_document(
        cls, document: Any, history: History, readers: Mapping[str, AbstractReader]
    ) -> Self:
        """Return what cuts the windows of a model.

        Args:
            document: With "numbers", "categories", "levels" and "is_known", from a file that may be
                damaged.
            history: What a row is.
            readers: By column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "the windows")
        numbers, categories = fields.texts("numbers"), fields.texts("categories")
        levels = fields.numbers("levels", count=len(categories))
        known = fields.items("is_known")
        time = readers.get(history.time)
        if not isinstance(time, (DateTimeReader, NumberReader)):
            raise fields.refusal("time", history.time, "a column of times or numbers")
        for name in history.targets:
            reader = readers.get(name)
            if not isinstance(reader, NumberReader) or reader.role != "target":
                raise fields.refusal("targets", name, "a number to be answered")
        kinds = {**dict.fromkeys(numbers, "number"), **dict.fromkeys(categories, "category")}
        for name, kind in kinds.items():
            if name not in readers or readers[name].kind != kind:
                raise fields.refusal("inputs", name, f"a known column of the kind {kind}")
        counts = {name: int(level) for name, level in zip(categories, levels)}
        widths = [readers[name].read([]).values.shape[1] for name in numbers]
        total = sum(widths) + sum(counts.values())
        if len(known) != total or not all(isinstance(one, bool) for one in known):
            raise fields.refusal("is_known", known, f"{total} truth values")
        return cls(
            history,
            {name: readers[name] for name in (history.time, *history.targets, *kinds)},
            numbers=numbers,
            categories=counts,
            is_known=known,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose cells are lists: times, targets, inputs."""
        return tuple(self._readers)

    def prepare(self, rows: Sequence[Mapping[str, Any]]) -> Prepared:
        """Return windows, and what is wrong with rows that have none.

        Args:
            rows: Raw rows by column.
        """
        found, kept, errors = [], [], {}
        for number, row in enumerate(rows):
            try:
                found.append(self._window(row))
                kept.append(number)
            except DataError as error:
                errors[number] = str(error)
        inputs: dict[str, np.ndarray] = {}
        if found:
            parts = list(zip(*found))
            inputs = dict(zip(GRAPH_INPUTS, (np.stack(part) for part in parts[:3])))
        return Prepared(inputs, tuple(kept), errors, tuple(one[3] for one in found))

    def completed(
        self,
        answers: list[dict[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        origins: Sequence[float],
    ) -> list[dict[str, Any]]:
        """Return answers with the times of the steps ahead, and the series.

        Args:
            answers: Of the rows that could be answered.
            rows: These raw rows.
            origins: Times of their last known steps.
        """
        history = self.history
        for answer, row, origin in zip(answers, rows, origins):
            if history.series:
                answer[history.series] = one_cell(row.get(history.series))
            answer[history.time] = moments_after(self._frequency, origin, history.horizon)
        return answers

    def _window(self, row: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Return past, known, phase, and the time of the origin."""
        history = self.history
        cells = self._steps(row)
        time = self._readers[history.time]
        assert isinstance(time, (DateTimeReader, NumberReader)), "checked when it was read"
        times = time.moments(cells[history.time])
        grid = lay_out(
            times,
            np.zeros(len(times), dtype=np.int64),
            is_number=self._frequency.unit == "number",
            frequency=self._frequency,
        )
        targets = np.concatenate([self._read(name, cells) for name in history.targets], axis=1)
        features = self._features(cells)
        past = grid.laid_out(np.concatenate([targets, features[:, ~self._is_known]], axis=1))
        ahead = np.nan_to_num(grid.laid_out(features[:, self._is_known]))
        is_known = ~np.isnan(past[:, : targets.shape[1]]).all(axis=1) & (grid.row >= 0)
        places = last_known(is_known, grid.series, 1)
        if not len(places):
            names = ", ".join(map(repr, history.targets))
            raise DataError(f"no step has both a time and a known value of {names}.")
        back = history.look_back
        reach = places[0] + np.arange(1 - back, history.horizon + 1)
        is_outside = ((reach < 0) | (reach >= grid.num_places))[:, None]
        reach = np.clip(reach, 0, grid.num_places - 1)
        first = int(grid.step[places[0]]) + 1 - back
        calendar = calendar_features(self._frequency, first, first + len(reach))
        known = np.where(is_outside, 0.0, ahead[reach])
        return (
            np.where(is_outside, np.nan, past[reach])[:back].astype(np.float32),
            np.concatenate([calendar, known.astype(np.float32)], axis=1),
            np.array(first % history.period, dtype=np.int64),
            float(times[grid.row[places[0]]]),
        )

    def _steps(self, row: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Return the cells of each column, one per step."""
        time = self.history.time
        moments = as_list(row.get(time))
        if moments is None:
            raise DataError(
                f"column {time!r} must hold a list of times, one per step, got "
                f"{type(row.get(time)).__name__}: a row is the past of one series."
            )
        if not moments:
            raise DataError(f"column {time!r} holds no step. Give the past of the series.")
        found = {}
        for name in self._readers:
            own = as_list(row.get(name))
            if own is None:
                own = [plain_cell(row.get(name))] * len(moments)
            if len(own) != len(moments):
                raise DataError(
                    f"column {name!r} has {len(own):,} cells and {time!r} has {len(moments):,}. "
                    "Give one cell per step, null where it is unknown."
                )
            found[name] = own
        return found

    def _read(self, name: str, cells: Mapping[str, list[Any]]) -> np.ndarray:
        return self._readers[name].read(cells[name]).values

    def _features(self, cells: Mapping[str, list[Any]]) -> np.ndarray:
        """Return numbers, and categories one-hot, float32 [steps, features]."""
        steps = len(cells[self.history.time])
        parts = [np.zeros((steps, 0), dtype=np.float32)]
        parts += [self._read(name, cells) for name in self._numbers]
        for name, count in self._categories.items():
            parts.append(one_hot(self._read(name, cells), (count,)))
        return np.concatenate(parts, axis=1)


def rows_of_table(table: Sequence[Mapping[str, Any]], history: History) -> list[dict[str, Any]]:
    """Return the rows that ask for the forecasts of a table: one for each of its series.

    Args:
        table: Rows of a table, a step of a series each.
        history: What a row is that asks for a forecast.
    """
    found: dict[Any, dict[str, Any]] = {}
    for step in table:
        name = step.get(history.series) if history.series else None
        own = found.setdefault(name, {})
        for column, cell in step.items():
            own.setdefault(column, []).append(cell)
    if history.series:
        for name, own in found.items():
            own[history.series] = name
    return list(found.values())


def table_of_answers(
    answers: Sequence[Mapping[str, Any]], history: History
) -> list[dict[str, Any]]:
    """Return answers as rows of a table, a step ahead each.

    Args:
        answers: To rows that are histories.
        history: What such a row is.
    """
    found = []
    for answer in answers:
        is_answered = answer.get(history.time) is not None
        for step in range(history.horizon if is_answered else 1):
            cells = {n: c[step] if isinstance(c, list) else c for n, c in answer.items()}
            found.append(cells)
    return found


def as_list(cell: Any) -> list[Any] | None:
    """Return the cells of a list, or None where a cell is none.

    Args:
        cell: A raw cell.
    """
    if isinstance(cell, np.ndarray) and cell.ndim == 1:
        return [plain_cell(one) for one in cell]
    if isinstance(cell, (list, tuple)):
        return [plain_cell(one) for one in cell]
    return None


def one_cell(cell: Any) -> Any:
    """Return a cell that is said once, or for every step alike; None where steps differ.

    Args:
        cell: A raw cell.
    """
    several = as_list(cell)
    if several is None:
        return plain_cell(cell)
    return several[0] if several and all(one == several[0] for one in several) else None


def moments_after(frequency: Frequency, origin: float, count: int) -> list[Any]:
    """Return the times of the steps ahead: texts as ISO 8601 writes them, or numbers.

    Args:
        frequency: Length of a step.
        origin: Time of the last known step.
        count: Steps ahead.
    """
    moments = [frequency.later(origin, step) for step in range(1, count + 1)]
    if frequency.unit == "number":
        is_whole = all(moment == round(moment) for moment in moments)
        return [int(moment) if is_whole else moment for moment in moments]
    return [moment_text(moment) for moment in moments]


def moment_text(seconds: float) -> str:
    """Return a time as ISO 8601 writes it.

    Args:
        seconds: Since 1970.
    """
    micros = round(seconds * 1e6)
    try:
        return (_EPOCH + datetime.timedelta(microseconds=micros)).isoformat()
    except OverflowError:  # beyond the years that Python's own dates have
        return str(np.datetime64(micros, "us"))
