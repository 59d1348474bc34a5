"""The schema of each kind of answer, for the OpenAPI document."""

from dataclasses import replace
from typing import Any

from lamina.runtime.signature import Answer
from lamina.serving.openapi_histories import HEADS, steps_ahead

Document = dict[str, Any]


def answer_schema(answer: Answer) -> Document:
    """Return the schema of one column of an answer.

    Args:
        answer: The column.
    """
    if answer.num_steps is not None:
        return steps_ahead(answer_schema(replace(answer, num_steps=None)), answer.num_steps)
    if answer.kind in HEADS:
        return dict(HEADS[answer.kind])
    if answer.kind == "probability":
        of = f" of {answer.label!r}" if answer.label else " of the answer"
        return {
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": 1,
            "description": f"Probability{of}.",
        }
    if answer.kind in ("number", "quantile"):
        what = "Value" if answer.level is None else f"Quantile {answer.level:g}"
        return {"type": ["number", "null"], "description": f"{what} of {answer.target!r}."}
    if answer.kind == "similarity":
        return {
            "type": ["number", "null"],
            "minimum": -1.001,
            "maximum": 1.001,
            "description": f"Cosine with the nearest {answer.target!r} that training showed.",
        }
    if answer.kind == "share":
        return {
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": 1,
            "description": f"Share of the pixels that show {answer.label!r}.",
        }
    if answer.kind in ("mask", "boxes"):
        return _mask_schema(answer) if answer.kind == "mask" else _boxes_schema(answer)
    if answer.kind == "vector":
        return {
            "type": ["array", "null"],
            "items": {"type": "number"},
            "description": "Vector of length 1: rows of one identity have a high cosine.",
        }
    if answer.kind == "text":
        return {"type": ["string", "null"], "description": f"{answer.target!r}, as written."}
    if answer.kind in ("tag_sequence", "spans"):
        what = "one tag for each word" if answer.kind == "tag_sequence" else "spans, as their words"
        return {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": f"{answer.target!r}: {what}.",
        }
    if answer.kind == "truth":
        return {"type": ["boolean", "null"], "description": f"Whether {answer.label!r} holds."}
    return {
        "type": ["string", "number", "boolean", "null"],
        "description": f"{answer.target!r}: the answer.",
    }


def _mask_schema(answer: Answer) -> Document:
    whole = {"type": "array", "items": {"type": "integer", "minimum": 0}}
    return {
        "type": ["object", "null"],
        "required": ["size", "classes", "counts"],
        "properties": {
            "size": {**whole, "description": "Height and width of the picture."},
            "classes": {**whole, "description": "Number of the class of each run of pixels."},
            "counts": {**whole, "description": "Pixels of each run, row after row."},
        },
        "description": f"{answer.target!r}: the class of every pixel, as runs.",
    }


def _boxes_schema(answer: Answer) -> Document:
    number = {"type": "number"}
    return {
        "type": ["array", "null"],
        "items": {
            "type": "object",
            "required": ["label", "score", "x0", "y0", "x1", "y1"],
            "properties": {
                "label": {"type": "string"},
                "score": {**number, "minimum": 0, "maximum": 1},
                **{side: {**number, "minimum": 0} for side in ("x0", "y0", "x1", "y1")},
            },
        },
        "description": f"{answer.target!r}: boxes in pixels of the picture, the surest first.",
    }
