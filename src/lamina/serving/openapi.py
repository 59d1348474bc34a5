"""The OpenAPI document of a server, made from the signatures of its models.

Each model has paths of its own, so that a client is generated with the columns of the data: types,
levels as examples, ranges in words. Ranges and levels are not enforced, since new rows may go
beyond the training rows, and then deserve an answer too.

Source:
    OpenAPI Specification 3.1.0, https://spec.openapis.org/oas/v3.1.0; JSON Schema 2020-12.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lamina.runtime.signature import FILES, Field, Signature
from lamina.serving import openapi_writing
from lamina.serving.config import ServingConfig
from lamina.serving.openapi_answers import answer_schema
from lamina.serving.openapi_histories import steps_schema
from lamina.serving.rows import LARGEST, has_truth_words

Document = dict[str, Any]

MOST_EXAMPLES = 50
"""Levels of a category that are listed."""

_POSTED = (400, 401, 408, 413, 415, 422, 429, 503)
"""Statuses with which a request that brings a body may be refused."""

_REFUSALS = {
    400: "The body is not JSON, or not a form.",
    401: "The bearer token is missing or wrong.",
    404: "There is no such model or page.",
    405: "The path does not know this method.",
    408: "The request came too slowly.",
    413: "The body, the rows, a text or the pictures are too large.",
    415: "The content type is neither JSON nor a form.",
    422: "A column or a cell is not what the model takes.",
    429: "Too many requests came, or too many wait.",
    503: "The server is stopping.",
}


def openapi_document(
    models: Mapping[str, tuple[Signature, str]], config: ServingConfig, *, version: str
) -> Document:
    """Return the document.

    Args:
        models: Signature and identity by name.
        config: The server's limits, and whether it wants a token.
        version: Of the program.
    """
    paths: Document = dict(_common_paths())
    schemas: Document = dict(_common_schemas())
    for name, (signature, identity) in models.items():
        schemas |= _model_schemas(name, signature, config)
        paths |= _model_paths(name, signature, identity)
        if signature.context is not None:
            schemas |= {
                f"{name}.AskedText": openapi_writing.asked_schema(config.limits),
                f"{name}.WrittenTexts": openapi_writing.written_schema(),
            }
            asked, written = (_schema(name, part) for part in ("AskedText", "WrittenTexts"))
            writes = openapi_writing.operation(_key(name), asked, written, _refusals(_POSTED))
            paths[f"/v1/models/{name}/generate"] = {"post": writes}
    document: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Lamina",
            "version": version,
            "summary": "Answers of trained models.",
            "description": "Made from the data that each model was trained with. Cells that are "
            "null or absent are missing; levels that training never saw are allowed.",
        },
        "paths": paths,
        "components": {"schemas": schemas},
    }
    if config.token is not None:
        scheme = {"type": "http", "scheme": "bearer"}
        document["components"]["securitySchemes"] = {"token": scheme}
        document["security"] = [{"token": []}]
    return document


def cell_schema(field: Field) -> Document:
    """Return the schema of one cell of a request.

    Args:
        field: The column.
    """
    return {"description": _described(field), **_CELLS[field.modality](field)}


def _number_cell(field: Field) -> Document:
    schema: Document = {"type": ["number", "null"], "exclusiveMinimum": -LARGEST}
    schema["exclusiveMaximum"] = LARGEST
    return schema | _example(field.typical)


def _category_cell(field: Field) -> Document:
    # The levels stand as examples: one that training never saw is answered as well.
    numbers = {"type": "number", "exclusiveMinimum": -LARGEST, "exclusiveMaximum": LARGEST}
    kinds = [{"type": ["string", "boolean", "null"], "maxLength": 10_000}, numbers]
    return {"anyOf": kinds, "examples": list(field.levels[:MOST_EXAMPLES])}


def _boolean_cell(field: Field) -> Document:
    truths = [True, False] if has_truth_words(field) else []
    return {"enum": [*truths, None, *field.levels], "examples": truths or list(field.levels)}


def _datetime_cell(field: Field) -> Document:
    schema: Document = {
        "type": ["string", "null"],
        "anyOf": [{"format": "date-time"}, {"format": "date"}, {"type": "null"}],
        "pattern": r"^[0-9]{4}-[0-1][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9].*)?$",
    }
    return schema | _example(field.typical)


def _text_cell(field: Field) -> Document:
    return {"type": ["string", "null"]} | _example(field.typical)


def _words_cell(field: Field) -> Document:
    del field
    several = {"type": "array", "items": {"type": "string"}}
    return {"anyOf": [several, {"type": ["string", "null"]}]}


def _image_cell(field: Field) -> Document:
    del field
    return {"type": ["string", "null"], "contentEncoding": "base64", "contentMediaType": "image/*"}


def _tags_cell(field: Field) -> Document:
    return {
        "type": ["array", "null"],
        "items": {"type": "string"},
        "examples": [list(field.levels[:3])],
    }


def _sound_cell(field: Field) -> Document:
    del field
    return {"type": ["string", "null"], "contentEncoding": "base64", "contentMediaType": "audio/*"}


def _series_cell(field: Field) -> Document:
    number: Document = {"type": ["number", "null"]}
    step: Document = number
    if field.channels > 1:
        several = {"minItems": field.channels, "maxItems": field.channels}
        step = {"type": "array", "items": number, **several}
    schema: Document = {"type": ["array", "null"], "items": step, "minItems": 1}
    return schema | ({"examples": [field.typical]} if field.typical else {})


_CELLS: Mapping[str, Callable[[Field], Document]] = {
    "number": _number_cell,
    "category": _category_cell,
    "boolean": _boolean_cell,
    "datetime": _datetime_cell,
    "text": _text_cell,
    "words": _words_cell,
    "image": _image_cell,
    "tags": _tags_cell,
    "series": _series_cell,
    "sound": _sound_cell,
}
"""The schema of a cell, by modality."""


def _described(field: Field) -> str:
    parts = [f"A {field.modality}."]
    if field.modality == "image":
        grey = "grey" if field.channels == 1 else "in colour"
        parts = [f"A picture, brought to {field.width} × {field.height} pixels {grey}."]
    if field.modality == "sound":
        parts = [f"A recording (WAV, FLAC or OGG), brought to {field.rate:,} samples per second."]
    if field.modality == "series":
        several = f" of {field.channels} channels" if field.channels > 1 else ""
        parts = [f"A series{several}: a list of numbers, or of a list per step."]
    if field.modality == "datetime":
        parts = ["A date or time, ISO 8601."]
    if field.low is not None and field.high is not None:
        low, high = field.low, field.high
        if field.modality == "datetime":
            parts.append(f"In training from {moment_text(low)} to {moment_text(high)}.")
        else:
            whole = "whole numbers " if field.is_whole else ""
            parts.append(f"In training {whole}from {low:g} to {high:g}.")
    if field.levels:
        parts.append(f"{len(field.levels)} levels in training; others are allowed.")
    parts.append("Missing in some training rows." if field.has_missing else "Never missing there.")
    return " ".join(parts)


def moment_text(seconds: float) -> str:
    """Return seconds since 1970 as people read them, to the minute.

    Args:
        seconds: May lie outside what a calendar has.
    """
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return f"{seconds:g} s after 1970"
    return moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")


def _example(typical: Any) -> Document:
    if typical is None or (isinstance(typical, str) and len(typical) > 500):
        return {}
    return {"examples": [typical.isoformat() if hasattr(typical, "isoformat") else typical]}


def _model_schemas(name: str, signature: Signature, config: ServingConfig) -> Document:
    history = signature.history
    row: Document = {
        "type": "object",
        "properties": {
            field.name: cell_schema(field)
            if history is None
            else steps_schema(field, history, cell=cell_schema(field), about=_described(field))
            for field in signature.fields
        },
        "additionalProperties": False,
    }
    if history is not None:
        row["required"] = [history.time, *history.targets]
    answer = {
        "type": "object",
        "properties": {one.name: answer_schema(one) for one in signature.answers}
        | {signature.error: {"type": "string", "description": "Why there is no answer."}},
        "required": [one.name for one in signature.answers],
        "additionalProperties": False,
    }
    form = {
        "type": "object",
        "properties": {field.name: _form_field(field) for field in signature.fields},
        "additionalProperties": False,
    }
    rows = {"type": "array", "minItems": 1, "maxItems": config.limits.rows}
    one = {"row": {"$ref": _schema(name, "Row")}}
    several = {"rows": {**rows, "items": {"$ref": _schema(name, "Row")}}}
    asked = {"oneOf": [_exactly(one), _exactly(several)]}
    common = {"model": {"type": "string"}, "version": {"type": "string"}}
    answers = {"type": "array", "minItems": 1, "items": {"$ref": _schema(name, "Answer")}}
    answered = {
        "oneOf": [
            _exactly({**common, "answer": {"$ref": _schema(name, "Answer")}}),
            _exactly({**common, "answers": answers}),
        ]
    }
    return {
        f"{name}.Row": row,
        f"{name}.Answer": answer,
        f"{name}.Form": form,
        f"{name}.Asked": asked,
        f"{name}.AskedOne": _exactly(one),
        f"{name}.Answered": answered,
    }


def _form_field(field: Field) -> Document:
    if field.modality in FILES:
        return {"type": "string", "contentMediaType": "application/octet-stream"}
    return {"type": "string", "description": _described(field) + " Empty where missing."}


def _model_paths(name: str, signature: Signature, identity: str) -> Document:
    base = f"/v1/models/{name}"
    key = _key(name)

    def body(schema: str) -> Document:
        content: Document = {"application/json": {"schema": {"$ref": _schema(name, schema)}}}
        form: Document = {"schema": {"$ref": _schema(name, "Form")}}
        return {"required": True, "content": content | {"multipart/form-data": form}}

    about = f"{signature.task} of {', '.join(dict.fromkeys(a.target for a in signature.answers))}"
    return {
        f"{base}/predict": {
            "post": {
                "operationId": f"predict_{key}",
                "summary": f"Answer one row or many ({about}).",
                "description": f"Version {identity}.",
                "requestBody": body("Asked"),
                "responses": _responses({"$ref": _schema(name, "Answered")}, _POSTED),
            }
        },
        f"{base}/explain": {
            "post": {
                "operationId": f"explain_{key}",
                "summary": "Answer one row and say what the answer came from.",
                "requestBody": body("AskedOne"),
                "responses": _responses({"$ref": "#/components/schemas/Explanation"}, _POSTED),
            }
        },
        f"{base}/drift": {
            "get": {
                "operationId": f"drift_{key}",
                "summary": "Say how far the last rows are from the training rows.",
                "responses": _responses({"$ref": "#/components/schemas/Drift"}, (401, 429)),
            }
        },
        base: {
            "get": {
                "operationId": f"about_{key}",
                "summary": "Say what the model takes and gives.",
                "responses": _responses({"$ref": "#/components/schemas/Model"}, (401, 429)),
            }
        },
    }


def _common_paths() -> Iterable[tuple[str, Document]]:
    plain = {"text/plain": {"schema": {"type": "string"}}}
    health = {"$ref": "#/components/schemas/Health"}
    listed = {"$ref": "#/components/schemas/Models"}
    for path, text in (
        ("/health", "Say whether the server answers."),
        ("/health/live", "Say whether the process lives."),
        ("/health/ready", "Say whether models are loaded."),
    ):
        key = path.strip("/").replace("/", "_")
        answer = _responses(health, (503,))
        yield path, {"get": {"operationId": key, "summary": text, "responses": answer, **_OPEN}}
    figures: Document = {"200": {"description": "Figures.", "content": plain}}
    yield (
        "/metrics",
        {
            "get": {
                "operationId": "metrics",
                "summary": "Figures for Prometheus.",
                "responses": figures | _refusals((401, 429)),
            }
        },
    )
    yield (
        "/v1/models",
        {
            "get": {
                "operationId": "models",
                "summary": "List the models.",
                "responses": _responses(listed, (401, 429)),
            }
        },
    )


_OPEN: Document = {"security": []}


def _common_schemas() -> Iterable[tuple[str, Document]]:
    text: Document = {"type": "string"}
    place = {"type": "array", "items": {"type": ["string", "integer"]}}
    error = _exactly({"status": {"type": "integer"}, "message": text, "where": place})
    yield "Error", _exactly({"error": error})
    yield "Health", _exactly({"status": {"enum": ["ok", "starting", "stopping"]}})
    model = {
        "type": "object",
        "properties": {"name": text, "version": text, "task": text},
        "required": ["name", "version", "task"],
    }
    yield "Model", model
    yield "Models", _exactly({"models": {"type": "array", "items": model}})
    column = {
        "type": "object",
        "properties": {
            "column": text,
            "figure": text,
            "psi": {"type": ["number", "null"]},
            "threshold": {"type": ["number", "null"]},
            "state": {"enum": ["stable", "moved", "drifted", "unknown"]},
        },
        "required": ["column", "figure", "psi", "threshold", "state"],
    }
    yield (
        "Drift",
        {
            "type": "object",
            "properties": {
                "model": text,
                "rows": {"type": "integer"},
                "columns": {"type": "array", "items": column},
            },
            "required": ["model", "rows", "columns"],
        },
    )
    yield (
        "Explanation",
        {
            "type": "object",
            "properties": {
                "model": text,
                "version": text,
                "answer": {"type": "object"},
                "explanation": _explanation(),
            },
            "required": ["model", "version", "answer", "explanation"],
        },
    )


def _explanation() -> Document:
    """Return the schema of why a row is answered so."""
    text, number = {"type": "string"}, {"type": "number"}
    feature = _exactly({"label": text, "value": text, "attribution": number})
    own = _exactly(
        {
            "name": text,
            "kind": {"enum": ["columns", "picture", "words", "steps"]},
            "features": {"type": "array", "items": feature},
            "grid": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            "heat": {"type": "array", "items": number},
        }
    )
    names = {"type": "array", "items": text}
    texts = {"type": "object", "additionalProperties": text}
    line = {"type": "array", "items": number}
    lines = {"type": "object", "additionalProperties": {"type": "array", "items": line}}
    return _exactly(
        {
            "schema": {"type": "integer"},
            "row": {"type": "integer"},
            "answer": text,
            "value": {"type": ["number", "null"]},
            "unit": text,
            "reference": {"type": ["number", "null"]},
            "method": text,
            "inputs": {"type": "array", "items": own},
            "check": {"type": "null"},
            "probability": {"type": ["number", "null"]},
            "left_out": names,
            "texts": texts,
            "pictures": texts,
            "lines": lines,
            "neighbours": {"type": "array", "maxItems": 0},
            "written": {"anyOf": [openapi_writing.rests_schema(), {"type": "null"}]},
        }
    )


def _exactly(properties: Document) -> Document:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _key(name: str) -> str:
    """Return the name of a model as it may stand in the name of an operation."""
    return name.replace(".", "_").replace("-", "_")


def _schema(name: str, part: str) -> str:
    return f"#/components/schemas/{name}.{part}"


def _responses(schema: Document, statuses: Iterable[int]) -> Document:
    content = {"application/json": {"schema": schema}}
    return {"200": {"description": "Done.", "content": content}} | _refusals(statuses)


def _refusals(statuses: Iterable[int]) -> Document:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {str(x): {"description": _REFUSALS[x], "content": content} for x in statuses}
