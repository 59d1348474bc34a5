"""The part of the OpenAPI document that is about models that write texts."""

from typing import Any

from lamina.runtime.word_groups import MOST_PARTS
from lamina.runtime.writing import ENDS, MOST_STOPS
from lamina.serving.asked_text import HOTTEST, LARGEST_SEED, TEMPERATURE
from lamina.serving.config import LimitsConfig
from lamina.serving.text_events import EVENTS
from lamina.serving.writing_desk import TIME

Document = dict[str, Any]

_STREAM = (
    "Server-sent events. Each is a line `data: ` and one object: first `model` and `version`, then "
    "`pieces` with the next characters of every text, at last `texts` with the tokens of each and "
    "why it ended; `error` where the model fails on the way."
)


def asked_schema(limits: LimitsConfig) -> Document:
    """Return the schema of what is to be written.

    Args:
        limits: Of the server.
    """
    stop: Document = {"type": "string", "minLength": 1}
    settings: Document = {
        "prompt": {
            "type": ["string", "null"],
            "maxLength": min(limits.text_characters, 100_000),
            "description": "What the text begins with.",
            "examples": ["Once upon a time"],
        },
        "num": _whole(1, limits.texts, "Texts that are written side by side.", 1),
        "max_tokens": _whole(
            1, limits.written_tokens, "Most tokens of a text.", min(256, limits.written_tokens)
        ),
        "temperature": {
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": HOTTEST,
            "default": TEMPERATURE,
            "description": "0 takes the likeliest token always; above 1 dares more.",
        },
        "top_p": {
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "maximum": 1,
            "default": 1,
            "description": "Draw from the likeliest tokens that together have this probability.",
        },
        "top_k": _whole(1, 1 << 30, "Draw from so many of the likeliest tokens.", None),
        "seed": _whole(0, LARGEST_SEED, "Decides what is drawn; the same writes the same.", 0),
        "stop": {
            "anyOf": [stop, {"type": "array", "items": stop, "maxItems": MOST_STOPS}, _NULL],
            "description": "A text ends where one of these appears, and is given without it.",
        },
        "stream": {
            "type": ["boolean", "null"],
            "default": False,
            "description": "Send characters as they are written.",
        },
    }
    return {"type": "object", "properties": settings, "additionalProperties": False}


def written_schema() -> Document:
    """Return the schema of texts that were written."""
    text = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "tokens": {"type": "integer", "minimum": 0},
            "end": {
                "enum": [*ENDS, TIME],
                "description": "By itself, by a stop, at its length, or since it took too long.",
            },
        },
        "required": ["text", "tokens", "end"],
        "additionalProperties": False,
    }
    properties: Document = {
        "model": {"type": "string"},
        "version": {"type": "string"},
        "texts": {"type": "array", "minItems": 1, "items": text},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def rests_schema() -> Document:
    """Return the schema of what each part of an answer of free length rests on."""
    texts: Document = {"type": "array", "items": {"type": "string"}}
    row: Document = {"type": "array", "items": {"type": "number"}}
    properties: Document = {
        "name": {"type": "string", "description": "Column that the answer rests on."},
        "parts": {
            **texts,
            "maxItems": MOST_PARTS,
            "description": "Words of a text, or words with their tags.",
        },
        "places": {**texts, "description": "Words of the column, or runs of them."},
        "falls": {
            "type": "array",
            "items": row,
            "description": "By part and place: by how much its log-probability falls without it.",
        },
        "looks": {"type": "array", "maxItems": 0},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def operation(key: str, asked: str, written: str, refusals: Document) -> Document:
    """Return the operation that writes.

    Args:
        key: Name of the model in names of operations.
        asked: Reference to the schema of what is asked.
        written: Reference to that of what is written.
        refusals: Answers that are no success.
    """
    content: Document = {
        "application/json": {"schema": {"$ref": written}},
        EVENTS: {"schema": _EVENT},
    }
    return {
        "operationId": f"generate_{key}",
        "summary": "Write texts that go on from a prompt, whole or as they come.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": asked}}},
        },
        "responses": {"200": {"description": "Written.", "content": content}, **refusals},
    }


_EVENT: Document = {
    "type": "object",
    "description": _STREAM,
    "properties": {"data": {"type": "string", "contentMediaType": "application/json"}},
    "required": ["data"],
}
"""One event, as version 3.2 of the specification describes a stream of them."""

_NULL: Document = {"type": "null"}


def _whole(low: int, most: int, text: str, default: int | None) -> Document:
    return {
        "type": ["integer", "null"],
        "minimum": low,
        "maximum": most,
        "default": default,
        "description": text,
    }
