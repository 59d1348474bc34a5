"""The columns of rows that are histories, in the OpenAPI document: a list of cells per column."""

from collections.abc import Mapping
from typing import Any

from lamina.runtime.signature import Field, History

Document = dict[str, Any]

HEADS: Mapping[str, Document] = {
    "time": {"type": ["string", "number"], "description": "its time, ISO 8601 or a number."},
    "series": {
        "type": ["string", "number", "boolean", "null"],
        "description": "The series, as the row names it.",
    },
}
"""Schemas of what a forecast is of."""


def steps_schema(field: Field, history: History, *, cell: Document, about: str) -> Document:
    """Return the schema of a column where a row is a history.

    Args:
        field: The column.
        history: What a row is.
        cell: Schema of one cell.
        about: What is said of the column.
    """
    typical = field.typical
    cell = {key: value for key, value in cell.items() if key != "examples"}
    if field.name == history.series:
        return {**cell, "description": "The series; the answer repeats it. It may be left out."}
    several: Document = {"type": "array", "items": cell, "minItems": 1}
    if isinstance(typical, tuple):
        several["examples"] = [list(typical)]
    if field.name in (history.time, *history.targets):
        what = "One per step, in order of time" if field.name == history.time else "One per step"
        return {**several, "description": f"{what}. {about}"}
    when = "of the past and of the steps ahead" if field.name in history.known else "of the past"
    text = f"One per step {when}, or one for all steps. {about}"
    return {"anyOf": [several, cell], "description": text}


def steps_ahead(step: Document, count: int) -> Document:
    """Return the schema of what is told for each step ahead.

    Args:
        step: Schema of what is told for one of them.
        count: How many there are.
    """
    own = dict(step)
    text = f"One per step ahead: {own.pop('description')}"
    several = {"minItems": count, "maxItems": count}
    return {"type": ["array", "null"], "items": own, **several, "description": text}
