"""Columns of texts as another run has learnt to read them: with its words or pieces.

A network that starts from another reads each token as the word that it was there, so a vocabulary
learnt anew would have its vectors stand for others.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from lamina.core.bundle import load_bundle
from lamina.core.errors import ConfigError
from lamina.data.modalities.base import AbstractModality, ModalityOptions
from lamina.data.modalities.table import MODALITIES
from lamina.data.modalities.text import Text
from lamina.data.modalities.words import Words

TAUGHT = ("text", "words")
"""Modalities that have a vocabulary."""


def taught_columns(folder: Path | str) -> tuple[Mapping[str, Any], ...]:
    """Return the documents of the fitted columns of a run that have a vocabulary.

    Args:
        folder: Folder of the run.

    Raises:
        BundleError: Its model cannot be read.
    """
    schema = load_bundle(Path(folder) / "model").document.get("schema", {})
    rows = schema.get("columns", ()) if isinstance(schema, Mapping) else ()
    return tuple(row for row in rows if row["modality"] in TAUGHT and row["fitted"] is not None)


def taught(
    cells: pl.Series, modality: str, role: str, options: ModalityOptions
) -> AbstractModality | None:
    """Return a column as the run that the options name reads it; None where they name none.

    Words are cut into the pieces of that run's text where it has no words; what else is to be known
    of them, they teach themselves.

    Args:
        cells: Raw cells of training rows, under the name of the column.
        modality: Name of its modality.
        role: "input" or "target".
        options: `vocabulary_of`, and `max_length`, which stays the user's.

    Raises:
        ConfigError: That run reads no such column, or several of which none has the name.
        BundleError: Its model cannot be read.
    """
    if options.vocabulary_of is None or modality not in TAUGHT:
        return None
    rows, name = taught_columns(options.vocabulary_of), cells.name
    own = [row for row in rows if (row["modality"], row["role"]) == (modality, role)]
    if not own and modality == Words.name:
        own = [row for row in rows if row["role"] == role and "subwords" in row["fitted"]]
    named = [row for row in own if row["name"] == name] or own
    if len(named) != 1:
        found = ", ".join(repr(row["name"]) for row in own) or "none"
        raise ConfigError(
            f"column {name!r} is to be read with the vocabulary of {options.vocabulary_of}, which "
            f"has {found} of its kind. Name the column like one of them, or leave out --from."
        )
    fitted = MODALITIES[named[0]["modality"]].value.from_document(named[0]["fitted"])
    if isinstance(fitted, Text) and modality == Words.name:
        alone = dataclasses.replace(options, tokens="words", vocabulary_of=None)
        return Words.fit(cells, role=role, options=alone).with_pieces(fitted)
    assert isinstance(fitted, (Text, Words)), "what has a vocabulary"
    return dataclasses.replace(fitted, max_length=options.max_length)
