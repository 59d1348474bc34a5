"""What a forecast came from, by asking again without windows of its past, and without each column.

The counterpart of `occlusion.py` for rows that are histories: over a window of a column runs the
line between what is left on both sides; a column that is known ahead takes values spread over its
training values; the times move by parts of the cycle.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from lamina.runtime.frequency import parse_frequency
from lamina.runtime.histories import as_list, one_cell
from lamina.runtime.modalities.series import lines_of
from lamina.runtime.signature import Field, Signature
from lamina.serving.claims import Evidence, chosen
from lamina.serving.refusal import Refusal

MOST_VERSIONS = 160
"""Changed rows that are asked for at most."""

MOST_WINDOWS = 48
"""Windows of all columns together."""

_FEWEST_WINDOWS = 4
_NUM_REFERENCES = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Stand = Any
"""From a column and how many: cells that stand for not knowing it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A window of a column, or a whole column."""

    column: str
    label: str
    versions: tuple[Mapping[str, Any], ...]
    """What stands in the changed columns, once per value that stands in."""
    is_window: bool


@dataclass(frozen=True, slots=True)
class HistoryOcclusions:
    """The row and its versions, and how the answers to them are put together."""

    signature: Signature
    """What the model takes and gives."""
    row: Mapping[str, Any]
    """The row itself."""
    parts: tuple[_Part, ...]
    """What is taken away in turn."""
    blanks: tuple[Mapping[str, Any], ...]
    """The row with everything taken away."""
    num_steps: int
    """Steps of the past that are looked at."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the row, its versions, and what is left where all is taken away."""
        changed = [cells for part in self.parts for cells in part.versions]
        return [dict(self.row), *({**self.row, **cells} for cells in (*changed, *self.blanks))]

    def told(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what each part contributed to the answer, as JSON-like values.

        Args:
            answers: To `rows`, in order.

        Raises:
            Refusal: The row itself cannot be answered; 422.
        """
        own = answers[0]
        problem = own.get(self.signature.error)
        if problem:
            raise Refusal(422, str(problem), where=("row",))
        explained = chosen(self.signature, own)
        value, rest = explained.evidence(own), iter(answers[1:])
        lost = [
            value - _mean(explained.evidence, itertools.islice(rest, len(part.versions)))
            for part in self.parts
        ]
        reference = _mean(explained.evidence, rest)
        return {
            "schema": 1,
            "row": 0,
            "answer": explained.claim,
            "value": value,
            "unit": explained.unit,
            "reference": reference if math.isfinite(reference) else None,
            "method": "occlusion",
            "inputs": self._inputs(lost),
            "check": None,
            "probability": explained.probability,
            "left_out": [],
            "texts": {},
            "pictures": {},
            "lines": self._lines(),
            "neighbours": [],
            "written": None,
        }

    def _inputs(self, lost: Sequence[float]) -> list[dict[str, Any]]:
        found, steady = [], []
        by_part = list(zip(self.parts, (one if math.isfinite(one) else 0.0 for one in lost)))
        windows = [(part, one) for part, one in by_part if part.is_window]
        for name, group in itertools.groupby(windows, key=lambda pair: pair[0].column):
            features = [
                {"label": part.label, "value": part.label, "attribution": one}
                for part, one in group
            ]
            size = math.ceil(self.num_steps / len(features))
            found.append(_input(name, "steps", features, [self.num_steps, size]))
        for part, one in by_part:
            if not part.is_window:
                cell = _last(self.row.get(part.column), self.num_steps)
                steady.append({"label": part.label, "value": cell, "attribution": one})
        return [*found, *([_input("columns", "columns", steady, [0, 0])] if steady else [])]

    def _lines(self) -> dict[str, list[list[float]]]:
        found = {}
        for name in dict.fromkeys(part.column for part in self.parts if part.is_window):
            lines = lines_of(_numbers(self.row.get(name), self.num_steps))
            if lines:
                found[name] = [list(line) for line in lines]
        return found


def history_occlusions(
    signature: Signature, row: Mapping[str, Any], references: Stand
) -> HistoryOcclusions:
    """Return what is to be asked to explain the forecast that a row asks for.

    Args:
        signature: What the model takes and gives; rows are histories.
        row: Raw cells by column, in order of time.
        references: Cells that stand for not knowing a column, of a field and how many.
    """
    history = signature.history
    assert history is not None, "who asks has looked"
    row, steps = _looked_at(signature, row)
    fields = {field.name: field for field in signature.fields}
    past = [fields[name] for name in (*history.targets, *history.past) if name in fields]
    each = max(_FEWEST_WINDOWS, MOST_WINDOWS // max(1, len(past)))
    parts: list[_Part] = []
    for field in past:
        parts += _windows(field, row.get(field.name), steps, each)
    for name in history.known:
        stand_ins = tuple({name: one} for one in references(fields[name], _NUM_REFERENCES))
        parts.append(_Part(name, name, stand_ins, is_window=False))
    moved = _moved(signature, row)
    if moved:
        shifts = tuple({history.time: times} for times in moved)
        parts.append(_Part(history.time, history.time, shifts, is_window=False))
    parts = parts[:MOST_VERSIONS]
    blank: dict[str, Any] = {}
    for field in past:
        blank[field.name] = _level(field, row.get(field.name), steps)
    return HistoryOcclusions(signature, row, tuple(parts), (blank,), steps)


def _looked_at(signature: Signature, row: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Return the row from the first step that is looked at on, and how many are in the past."""
    history = signature.history
    assert history is not None, "who asks has looked"
    times = as_list(row.get(history.time)) or []
    known = np.zeros(len(times), dtype=bool)
    for name in history.targets:
        cells = as_list(row.get(name))
        if cells is not None and len(cells) == len(times):
            known |= [cell is not None for cell in cells]
    places = np.flatnonzero(known)
    last = int(places[-1]) if len(places) else len(times) - 1
    begin = max(0, last + 1 - history.look_back)
    found = {}
    for name, cell in row.items():
        cells = as_list(cell)
        found[name] = cell if cells is None else cells[begin:]
    return found, last + 1 - begin


def _windows(field: Field, cell: Any, steps: int, each: int) -> list[_Part]:
    """Return the windows of a column, each with the line over it."""
    cells = as_list(cell)
    if cells is None or not steps:
        return []
    size, parts = math.ceil(steps / each), []
    for begin in range(0, steps, size):
        end = min(steps, begin + size)
        changed = [*cells[:begin], *_bridge(field, cells[:steps], begin, end), *cells[end:]]
        far, near = steps - begin, steps - end + 1
        label = f"{far:,} to {near:,} steps back" if far > near else f"{far:,} steps back"
        parts.append(_Part(field.name, label, ({field.name: changed},), is_window=True))
    return parts


def _bridge(field: Field, cells: list[Any], begin: int, end: int) -> list[Any]:
    """Return what stands in for some steps: a line, or of levels the one before; gaps stay."""
    if field.modality not in ("number", "datetime"):
        before = next((one for one in reversed(cells[:begin]) if one is not None), None)
        after = next((one for one in cells[end:] if one is not None), None)
        stand_in = before if before is not None else after
        return [None if one is None else stand_in for one in cells[begin:end]]
    numbers = _numbers(cells, len(cells))
    kept = np.isfinite(numbers)
    kept[begin:end] = False
    places = np.arange(begin, end)
    if kept.any():
        own = np.interp(places, np.flatnonzero(kept), numbers[kept])
    else:
        own = np.full(len(places), np.nan)
    return [
        None if cell is None or not math.isfinite(value) else float(value)
        for cell, value in zip(cells[begin:end], own)
    ]


def _level(field: Field, cell: Any, steps: int) -> list[Any]:
    """Return a column of one usual value at all steps that are known."""
    cells = as_list(cell) or []
    levels = field.figures.get("level", ())
    usual: Any = levels[len(levels) // 2] if levels else one_cell(field.typical)
    return [usual if place < steps and one is not None else None for place, one in enumerate(cells)]


def _moved(signature: Signature, row: Mapping[str, Any]) -> list[list[Any]]:
    """Return the times moved by parts of the cycle; nothing where there is none."""
    history = signature.history
    assert history is not None, "who asks has looked"
    times = as_list(row.get(history.time)) or []
    if history.period < 2 or not times:
        return []
    frequency, found = parse_frequency(history.step), []
    for number in range(1, _NUM_REFERENCES):
        count = round(number * history.period / _NUM_REFERENCES)
        found.append([_later(time, frequency.later, count) for time in times])
    return found


def _later(time: Any, later: Any, count: int) -> Any:
    if isinstance(time, datetime):
        seconds = later((time.replace(tzinfo=UTC) - _EPOCH).total_seconds(), count)
        return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None)
    return later(float(time), count) if isinstance(time, (int, float)) else time


def _numbers(cell: Any, steps: int) -> np.ndarray:
    cells = (as_list(cell) or [])[:steps]
    found = []
    for one in cells:
        is_number = isinstance(one, (int, float)) and not isinstance(one, bool)
        found.append(float(one) if is_number else math.nan)
    return np.array(found, dtype=np.float64)


def _last(cell: Any, steps: int) -> str:
    cells = as_list(cell)
    one = cell if cells is None else next(iter(cells[steps - 1 : steps]), None)
    if one is None:
        return "missing"
    return f"{one:.6g}" if isinstance(one, float) else str(one)


def _mean(evidence: Evidence, answers: Any) -> float:
    found = [value for value in map(evidence, answers) if math.isfinite(value)]
    return sum(found) / len(found) if found else math.nan


def _input(name: str, kind: str, features: list[dict[str, Any]], grid: list[int]) -> dict[str, Any]:
    return {"name": name, "kind": kind, "features": features, "grid": grid, "heat": []}
