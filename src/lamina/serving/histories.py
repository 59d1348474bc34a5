"""Rows that are histories, read from the body of a request: a list of cells per column.

A file of rows may hold its steps in any order, and a later row of a step overrules an earlier one.
Who sends a history to a server has put it together for this request: times that do not rise, two
cells of one step or steps of another length can only be a mistake there, and are refused.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lamina.runtime.frequency import parse_frequency
from lamina.runtime.signature import Field, History
from lamina.serving.config import LimitsConfig
from lamina.serving.refusal import Place, Refusal, shown

FEWEST_STEPS = 2
"""Known steps of a target without which there is no past to go on from."""

_FEW_GAPS = 3

ReadCell = Callable[[Any, Field, LimitsConfig, Place], Any]
"""From a value of JSON to a raw cell."""


def read_steps(value: Any, field: Field, read: ReadCell, limits: LimitsConfig, where: Place) -> Any:
    """Return the cells of a column, one per step, or the one that stands for all steps.

    Args:
        value: A value of JSON, not null.
        field: The column.
        read: Reads one cell.
        limits: What is refused.
        where: Its place, for messages.

    Raises:
        Refusal: There are too many, or one is of a wrong kind.
    """
    if not isinstance(value, list):
        return read(value, field, limits, where)
    if len(value) > limits.text_characters:
        raise Refusal(
            413,
            f"the history has {len(value):,} steps; {limits.text_characters:,} are allowed.",
            where=where,
        )
    return [
        None if one is None else read(one, field, limits, (*where, place))
        for place, one in enumerate(value)
    ]


def steps_from_text(text: str, field: Field, *, has_steps: bool) -> Any:
    """Return what the text of a form stands for: cells, one per step, or one for all of them.

    Args:
        text: Not empty; a list of JSON, or cells with commas, semicolons or line breaks between.
        field: The column.
        has_steps: Whether it holds a cell per step.

    Raises:
        Refusal: It holds no list.
    """
    bare = text.strip()
    if not has_steps:
        return bare
    if bare.startswith("["):
        try:
            return json.loads(bare)
        except (ValueError, RecursionError) as error:
            raise Refusal(422, "the text is no list.", where=(field.name,)) from error
    cells: list[Any] = [one.strip() or None for one in re.split(r"[,;\n]", bare)]
    if field.modality == "number":
        try:
            cells = [None if one is None else float(one) for one in cells]
        except ValueError as error:
            raise Refusal(422, "wanted numbers, one per step.", where=(field.name,)) from error
    return cells if len(cells) > 1 else cells[0]


def check_history(row: Mapping[str, Any], history: History, where: Place) -> None:
    """Check that cells are the past of a series, in order, step by step.

    Args:
        row: Raw cells by column.
        history: What a row is.
        where: Place of the row, for messages.

    Raises:
        Refusal: It is too short, out of order, told twice, or of another step.
    """
    times = row.get(history.time)
    place = (*where, history.time)
    if not isinstance(times, list) or not times:
        raise Refusal(422, "wanted a list of times, one per step.", where=place)
    for name, cells in row.items():
        if isinstance(cells, list) and len(cells) != len(times):
            raise Refusal(
                422,
                f"{len(cells):,} cells came for {len(times):,} times. Send one cell per step, null "
                "where it is unknown.",
                where=(*where, name),
            )
    for number, time in enumerate(times):
        if time is None:
            raise Refusal(422, "a step has no time.", where=(*place, number))
    if history.series and isinstance(row.get(history.series), list):
        raise Refusal(
            422, "wanted one name: a row is the past of one series.", where=(*where, history.series)
        )
    _check_targets(row, history, where)
    _check_times(times, history, place)


def _check_targets(row: Mapping[str, Any], history: History, where: Place) -> None:
    for name in history.targets:
        cells = row.get(name)
        count = sum(one is not None for one in cells) if isinstance(cells, list) else 0
        if count < FEWEST_STEPS:
            raise Refusal(
                422,
                f"the history is too short: {count} of its steps have a value. Send the last "
                f"{history.look_back:,} steps, {FEWEST_STEPS} at least.",
                where=(*where, name),
            )


def _check_times(times: list[Any], history: History, place: Place) -> None:
    frequency = parse_frequency(history.step)
    moments = np.array([_moment(time) for time in times], dtype=np.float64)
    steps = frequency.steps(moments)
    gaps = np.diff(steps)
    wrong = np.flatnonzero(gaps <= 0)
    if len(wrong):
        first = int(wrong[0])
        if gaps[first] == 0 and moments[first] != moments[first + 1]:
            what = f"falls into the same step of {history.step} as the time before it"
        elif gaps[first] == 0:
            what = "came twice: a step has one cell per column"
        else:
            what = "lies before the one before it: send the steps in order of time"
        text = times[first + 1]
        told = text.isoformat() if isinstance(text, datetime) else shown(text)
        raise Refusal(422, f"the time {told} {what}.", where=(*place, first + 1))
    if len(gaps) >= _FEW_GAPS and gaps.min() > 1:
        raise Refusal(
            422,
            f"all times are {gaps.min():,.0f} steps of {history.step} apart or more, and the model "
            f"forecasts steps of {history.step}.",
            where=place,
        )


def _moment(time: Any) -> float:
    if isinstance(time, datetime):
        return (time.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return float(time)
