"""What a schema says about the tensors of its network, so that another run can start from them."""

import hashlib
import json

from lamina.data.modalities.text import Text
from lamina.data.modalities.words import Words
from lamina.data.schema import Column, Schema, input_name
from lamina.training.meaning import Meaning

_JOINED = ("number", "category")
_SPECIAL = ("", " ")
"""Padding and the unknown word, in the place of their ids; no word looks like them."""


def meaning_of(schema: Schema) -> Meaning:
    """Return what the inputs, words and outputs of a network stand for.

    Args:
        schema: The fitted schema.
    """
    inputs, states, words, pieces = {}, {}, {}, {}
    for spec in schema.input_specs():
        columns = [
            column
            for column in schema.inputs
            if spec.name == (spec.kind if spec.kind in _JOINED else input_name(column.name))
            and column.fitted is not None
            and column.fitted.kind == spec.kind
        ]
        # A text or a picture is itself under any name.
        named = spec.columns if spec.kind in _JOINED else ()
        levels = [f"{c.name}: {level}" for c in columns for level in _levels(c)]
        inputs[spec.name] = (spec.kind, *named, *levels)
        states[spec.name] = _digest(columns)
        for column in columns:
            if isinstance(column.fitted, (Text, Words)):
                words[spec.name] = (*_SPECIAL, *column.fitted.words)
            if isinstance(column.fitted, Words) and column.fitted.pieces is not None:
                pieces[spec.name] = (*_SPECIAL, *column.fitted.pieces.words)
    # Equal classes are the same question whatever the column is called; numbers are not.
    outputs = {c.name: (c.modality, *(_levels(c) or (c.name,))) for c in schema.targets}
    for column in schema.targets:
        if isinstance(column.fitted, Text):
            words[f"answer: {column.name}"] = (*_SPECIAL, *column.fitted.words)
    return Meaning(inputs=inputs, outputs=outputs, words=words, pieces=pieces, states=states)


def _levels(column: Column) -> tuple[str, ...]:
    """Return the levels or labels of a column, none where it has none."""
    levels: tuple[str, ...] = getattr(column.fitted, "levels", getattr(column.fitted, "tags", ()))
    return levels


def _digest(columns: list[Column]) -> str:
    documents = [column.fitted.to_document() for column in columns if column.fitted is not None]
    return hashlib.sha256(json.dumps(documents, sort_keys=True).encode()).hexdigest()
