"""What an exported model takes and gives, measured on training rows."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import torch

from lamina.data.histories import HistoryRows
from lamina.data.modalities.boolean import Boolean
from lamina.data.modalities.category import Category
from lamina.data.modalities.cells import as_text, is_plain, parse_numbers, without_missing
from lamina.data.modalities.datetime import DateTime, parse_times
from lamina.data.modalities.image import Image
from lamina.data.modalities.number import Number
from lamina.data.modalities.series import Series
from lamina.data.modalities.sound import Sound
from lamina.data.modalities.table import MODALITIES
from lamina.data.modalities.tags import Tags
from lamina.data.modalities.text import Text
from lamina.data.modalities.words import Words, as_lists
from lamina.data.ragged import Ragged
from lamina.data.schema import Column, Schema
from lamina.export.rows import cells_of
from lamina.export.whole import Exportable
from lamina.runtime.answers.base import beside
from lamina.runtime.answers.table import FORMS
from lamina.runtime.figures.series import SeriesFigures
from lamina.runtime.figures.table import FIGURES
from lamina.runtime.signature import Field, Signature

NUM_QUANTILES = 21
"""Quantiles of numbers, dates and lengths of texts that go into a signature: every twentieth."""

MEASURED = 1000
"""Training cells whose figures (brightness, loudness, length, ...) are measured, at most."""

MEASURED_HISTORIES = 500
"""Origins whose past is measured, at most."""

HISTORY_FIGURES = ("level", "spread", "roughness", "missing steps")
"""What of the past of an origin is compared; who asks may give more steps than are looked at."""

_MOST_AVERAGED = 1_000


def signature_of(what: Exportable, frame: pl.DataFrame) -> Signature:
    """Return the signature of a model.

    Args:
        what: The trained model.
        frame: Raw training rows, all or a sample.
    """
    form = what.form()
    answers = FORMS[form["name"]].from_document(form).answers
    histories = what.histories(frame)
    return Signature(
        name=what.name,
        task=what.task.name,
        fields=tuple(field_of(column, frame[column.name]) for column in what.schema.inputs)
        if histories is None
        else _history_fields(frame, histories),
        answers=answers,
        error=beside("error", [answer.name for answer in answers]),
        history=None if histories is None else histories.history,
    )


def _history_fields(frame: pl.DataFrame, histories: HistoryRows) -> tuple[Field, ...]:
    """Return the columns of rows that are histories, with what the past of an origin is like."""
    history, typical = histories.history, histories.typical()
    sample = histories[:: max(1, math.ceil(len(histories) / MEASURED_HISTORIES))]
    found = []
    for column in histories.columns:
        field = field_of(column, frame[column.name])
        if column.modality == "number" and column.name != history.time:
            own = [row[column.name][: history.look_back] for row in sample]
            field = dataclasses.replace(field, channels=1, **_measured(field.name, own))
        found.append(dataclasses.replace(field, typical=typical.get(column.name, field.typical)))
    if history.series:
        found.insert(1, Field(name=history.series, modality="category"))
    return tuple(found)


def _measured(name: str, histories: list[list[Any]]) -> dict[str, Any]:
    """Return level, spread, roughness and gaps of a column in the past of some origins."""
    measure = SeriesFigures(Field(name=name, modality="series", channels=1))
    present = [one for one in map(measure.measure, histories) if one is not None]
    return {
        "figures": {
            figure: _quantiles(np.array([one[figure] for one in present]))
            for figure in HISTORY_FIGURES
            if present
        },
        "num_rows": len(histories),
    }


def field_of(column: Column, cells: pl.Series) -> Field:
    """Return what is known of one input column.

    Args:
        column: The column, fitted.
        cells: Raw cells of training rows.
    """
    known = _FIELDS[column.modality](column.fitted, cells)
    field = Field(name=column.name, modality=column.modality, **{"num_rows": len(cells), **known})
    return _with_figures(field, cells) if field.modality in FIGURES else field


def columns_of(schema: Schema, columns: Sequence[Column] | None = None) -> list[dict[str, Any]]:
    """Return the state of every column that is read as a document, without what training needs.

    Args:
        schema: The fitted schema.
        columns: What is read; None for the inputs.
    """
    found = []
    for column in schema.inputs if columns is None else columns:
        state = {} if column.fitted is None else column.fitted.to_document()
        state = {key: value for key, value in state.items() if key not in ("quantiles", "counts")}
        found.append({"name": column.name, "modality": column.modality, "state": state})
    return found


def _number(state: Number, cells: pl.Series) -> dict[str, Any]:
    values = parse_numbers(cells, decimal=state.decimal).values
    middle = values.median()
    typical: Any = None if middle is None else float(middle)  # type: ignore[arg-type]
    if typical is not None and state.is_whole:
        typical = round(typical)
    return {
        **_spread(values),
        "low": state.low,
        "high": state.high,
        "is_whole": state.is_whole,
        "typical": typical,
    }


def _datetime(state: DateTime, cells: pl.Series) -> dict[str, Any]:
    times = parse_times(cells, format=state.format).values
    middle = times.drop_nulls().sort()
    typical = middle[len(middle) // 2].isoformat() if len(middle) else None
    seconds = times.cast(pl.Int64) / 1e6
    return {**_spread(seconds), "low": state.first, "high": state.last, "typical": typical}


def _category(state: Category, cells: pl.Series) -> dict[str, Any]:
    return _levels(as_text(cells), state.levels, state.levels)


def _boolean(state: Boolean, cells: pl.Series) -> dict[str, Any]:
    return _levels(as_text(cells).str.to_lowercase(), state.values, state.labels)


def _tags(state: Tags, cells: pl.Series) -> dict[str, Any]:
    encoded = state.encode(cells).values
    shares = np.nan_to_num(np.asarray(encoded)).mean(axis=0) if len(cells) else []
    known = _ordered(state.levels, [float(share) for share in shares])
    return {**known, "missing": _share(cells.is_null())}


def _text(state: Text, cells: pl.Series) -> dict[str, Any]:
    del state
    text = without_missing(as_text(cells)) if is_plain(cells) else cells
    # No training text is copied into an artefact: a form begins empty.
    return {**_spread(text.str.len_chars().cast(pl.Float64)), "typical": ""}


def _words(state: Words, cells: pl.Series) -> dict[str, Any]:
    del state
    counts = as_lists(cells).list.len()
    # No training sentence is copied into an artefact: a form begins empty.
    return {**_spread(counts.cast(pl.Float64)), "typical": ""}


def _image(state: Image, cells: pl.Series) -> dict[str, Any]:
    sizes = {"height": state.height, "width": state.width, "channels": state.channels}
    return {**sizes, "framing": state.framing, "missing": _share(cells.is_null())}


def _series(state: Series, cells: pl.Series) -> dict[str, Any]:
    encoded = state.encode(cells)
    assert isinstance(encoded.values, Ragged), "series differ in length"
    good = torch.nonzero(~encoded.failed).squeeze(1)
    rows = [encoded.values.select(row[None])[0].numpy() for row in good[:_MOST_AVERAGED]]
    scale, middle = np.asarray(state.deviation), np.asarray(state.mean)
    # No training series is copied into an artefact: the typical one is their mean.
    even = [_brought_to(row, state.num_steps) for row in rows]
    mean = np.mean(even, axis=0) * scale + middle
    typical = tuple(tuple(float(f"{number:.4g}") for number in step) for step in mean.tolist())
    return {
        "missing": 1 - len(good) / max(1, len(cells)),
        "channels": state.channels,
        "typical": tuple(step[0] for step in typical) if state.channels == 1 else typical,
    }


def _sound(state: Sound, cells: pl.Series) -> dict[str, Any]:
    return {"rate": state.rate, "missing": _share(cells.is_null())}


def _brought_to(steps: np.ndarray, count: int) -> np.ndarray:
    """Return a series [steps, channels] at another number of steps, along its lines."""
    places = np.linspace(0, len(steps) - 1, count)
    own = np.arange(len(steps))
    return np.stack([np.interp(places, own, line) for line in steps.T], axis=1)


_FIELDS: dict[str, Any] = {
    "number": _number,
    "datetime": _datetime,
    "category": _category,
    "boolean": _boolean,
    "tags": _tags,
    "text": _text,
    "words": _words,
    "image": _image,
    "series": _series,
    "sound": _sound,
}


def _with_figures(field: Field, cells: pl.Series) -> Field:
    """Return a field with what its training cells are like, measured on a sample of them."""
    measure = FIGURES[field.modality](field)
    sample = cells.gather_every(max(1, math.ceil(len(cells) / MEASURED)))
    is_file = MODALITIES[field.modality].value.holds_files
    found = [measure.measure(cell) for cell in cells_of(sample, is_file=is_file)]
    present = [one for one in found if one is not None]
    figures = {
        name: _quantiles(np.array([one[name] for one in present]))
        for name in (measure.names if present else ())
    }
    return dataclasses.replace(field, figures=figures, num_rows=len(found))


def _spread(values: pl.Series) -> dict[str, Any]:
    present = values.drop_nulls().drop_nans().to_numpy()
    missing = 1 - len(present) / max(1, len(values))
    return {"quantiles": _quantiles(present), "missing": missing}


def _quantiles(values: np.ndarray) -> tuple[float, ...]:
    points = np.linspace(0, 1, NUM_QUANTILES)
    return tuple(np.quantile(values, points).tolist()) if len(values) else ()


def _levels(text: pl.Series, cells: tuple[str, ...], levels: tuple[str, ...]) -> dict[str, Any]:
    """Return levels with their shares, the most frequent first."""
    counts = dict(text.value_counts().iter_rows())
    total = max(1, len(text))
    spelt = as_text(pl.Series(cells, dtype=pl.String)).to_list()
    missing = _share(without_missing(text).is_null())
    return {**_ordered(levels, [counts.get(s, 0) / total for s in spelt]), "missing": missing}


def _ordered(levels: tuple[str, ...], shares: list[float]) -> dict[str, Any]:
    order = sorted(range(len(levels)), key=lambda place: -shares[place])
    return {
        "levels": tuple(levels[place] for place in order),
        "shares": tuple(shares[place] for place in order),
        "typical": levels[order[0]] if order else None,
    }


def _share(is_so: pl.Series) -> float:
    return int(is_so.sum() or 0) / max(1, len(is_so))
